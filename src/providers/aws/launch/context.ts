import type { Progress } from '../../../progress.js';
import type { AwsApi } from '../api.js';
import type { Clock } from '../clock.js';

/** What every part of a launch works with. */
export interface LaunchContext {
  api: AwsApi;
  progress: Progress;
  /** Ends every wait. */
  signal: AbortSignal;
  clock: Clock;
}
