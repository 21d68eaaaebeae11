export type SmokeOutcome = 'passed' | 'failed' | 'skipped';

/** What one check found. A skipped check proves nothing; its message says why it was not done. */
export interface SmokeResult {
  /** Stable kebab-case name. */
  name: string;
  /** What it proves, in a few words. */
  title: string;
  outcome: SmokeOutcome;
  /** How long it took. */
  seconds: number;
  /** How long it was given, in seconds. */
  limit: number;
  message: string;
  /** Where to look; failed checks only. */
  hint?: string;
}

/** The JSON result of `launch smoke`. */
export interface SmokeReport {
  /** `incomplete`: nothing failed, but no pod of the test ever ran, so the cluster is not proved to work. */
  outcome: 'passed' | 'failed' | 'incomplete';
  /** ISO 8601, UTC. */
  started: string;
  seconds: number;
  /** What the API server says it is, `v1.20.2`; null when it was never asked with success. */
  kubernetes: string | null;
  /** The image the test's pods run; null when none is baked. */
  image: string | null;
  counts: Record<SmokeOutcome, number>;
  /** In the order they ran. */
  checks: SmokeResult[];
}

/** Fetches a URL from outside the cluster's pods and returns the body; throws when nothing answers. */
export type Reach = (url: string, signal: AbortSignal) => Promise<string>;
