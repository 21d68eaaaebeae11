/** One entry of the lock that is another now. */
export interface LockChange {
  /** A lock entry's name, `kubernetes` or `base`. */
  name: string;
  before: string;
  after: string;
  reason: string;
}

/** One entry that stays, and why. */
export interface KeptEntry {
  name: string;
  version: string;
  reason: string;
}

/** A digest that its publisher changed under an address whose bytes must never change. */
export interface ChangedDigest {
  name: string;
  url: string;
  locked: string;
  published: string;
  source: string;
}
