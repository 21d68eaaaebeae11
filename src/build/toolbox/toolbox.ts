/** A root filesystem to run tools in; made once, never written to by what runs in it but for its mount points. */
export interface Toolbox {
  root: string;
  /** Short digest of its definition. */
  digest: string;
}

/** A folder of the host that a command in the toolbox sees at `target`. */
export interface Bind {
  source: string;
  target: string;
  readOnly?: boolean;
}
