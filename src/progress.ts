/** The talk on stderr while something runs; results go to stdout and never through here. */
export interface Progress {
  /** A step begins; the one before it is finished. */
  step(title: string): void;
  /** What the current step waits for or does now. */
  note(text: string): void;
  /** Bytes moved of one named thing; `total` is undefined where nobody said it. */
  bytes(name: string, received: number, total: number | undefined): void;
  /** Everything is done (or failed): ends the live line. */
  end(): void;
  /** The talk of work that goes on beside this one, until its own `end`; each of its lines begins with the name. */
  beside(name: string): Progress;
}

/** Says nothing: for tests, and for callers that show no progress. */
export const silentProgress: Progress = {
  step() {},
  note() {},
  bytes() {},
  end() {},
  beside: () => silentProgress,
};
