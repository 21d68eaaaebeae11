/** One thing kiln does to the world: a process it starts, a file it writes outside its own cache. */
export interface Action {
  /** A verb a person would use: "run", "write", "remove", "download". */
  verb: string;
  /** What it is done to: a command line, a path, a URL. */
  target: string;
  /** Why, in a few words, where the target does not say it. */
  reason?: string;
  /** What a call to an API is made with. */
  parameters?: unknown;
}

/**
 * The one gate for everything that changes the world. A dry run passes no action on, only records it, so the list
 * `--dry-run` prints is complete by construction; tests count `actions`.
 */
export interface Gate {
  readonly dryRun: boolean;
  readonly actions: readonly Action[];
  /** Ends when the person interrupts; whatever runs behind the gate must stop on it and tidy up. */
  readonly signal: AbortSignal;
  /** Performs `work` and returns its result; in a dry run records the action and returns `undefined`. */
  perform<T>(action: Action, work: (signal: AbortSignal) => Promise<T>): Promise<T | undefined>;
}

/** A gate that acts (`dryRun: false`) or only records (`dryRun: true`). */
export function createGate({
  dryRun = false,
  signal = new AbortController().signal,
}: {
  dryRun?: boolean;
  signal?: AbortSignal;
}): Gate {
  const actions: Action[] = [];
  return {
    dryRun,
    actions,
    signal,
    async perform(action, work) {
      actions.push(action);
      if (dryRun) return undefined;
      signal.throwIfAborted();
      return await work(signal);
    },
  };
}
