import { KilnError } from '../../../errors.js';
import { AwsError } from '../api.js';

/** What a launch was to end with, and what it ended with. */
export interface Shortfall {
  cluster: string;
  roles: readonly string[];
  target: number;
  there: number;
}

/** A launch that ended with fewer nodes than asked for, or not with all of them up: what is there, why, and how to go on. */
export function shortfall(
  { cluster, roles, target, there }: Shortfall,
  reason: string,
  { mend, cause }: { mend?: string | undefined; cause?: unknown } = {},
): KilnError {
  const words = `--role ${roles.join(',')} --count ${target} --cluster ${cluster} --provider aws`;
  // With +N the same words again would add as many again.
  const goOn = `What is there is kept. To go on: \`launch ${words}\` with the same settings; to take all away: \`launch destroy --cluster ${cluster} --provider aws\`.`;
  return new KilnError(
    'LAUNCH_FAILED',
    `${there} of ${target} ${roles.join(',')} nodes of ${cluster} are there: ${reason}`,
    { hint: mend === undefined ? goOn : `${mend}\n  ${goOn}`, ...(cause === undefined ? {} : { cause }) },
  );
}

/** The same, for something AWS said. */
export function shortfallBy(short: Shortfall, error: KilnError): KilnError {
  return shortfall(short, error instanceof AwsError ? error.message : lowerFirst(error.message), {
    mend: error.hint,
    cause: error,
  });
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
