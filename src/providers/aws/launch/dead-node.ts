import type { AwsApi } from '../api.js';
import { consoleTail } from '../console-output.js';
import { endedByOthers } from '../ended-by-others.js';
import type { AwsInstance } from '../types.js';

const CONSOLE_LINES = 15;

/** Whether an instance is gone, or on its way. */
export function isGone({ state }: Pick<AwsInstance, 'state'>): boolean {
  return state === 'terminated' || state === 'shutting-down';
}

/**
 * Whether AWS, or the node itself, ended it: another one would end the same way. Not where AWS does not say, as of an
 * instance of an earlier call, given again for the same token.
 */
export function endedByItself({ state, stateReason }: Pick<AwsInstance, 'state' | 'stateReason'>): boolean {
  return isGone({ state }) && stateReason !== undefined && !endedByOthers(stateReason);
}

/** What can be said of nodes that did not come up: each with AWS's reason, and the end of the console of the first. */
export async function describeDead(
  api: AwsApi,
  nodes: readonly { id: string; name: string; state: string; reason: string | undefined }[],
): Promise<string> {
  const [first] = nodes;
  if (first === undefined) return 'nothing is known of the others';
  const lines = nodes.map(
    ({ id, name, state, reason }) =>
      `${name} (${id}) is ${state}${reason === undefined ? '' : `: ${reason}`}`,
  );
  const tail = await consoleTail(api, first.id, CONSOLE_LINES);
  const console =
    tail.length === 0
      ? ['(its console is empty so far)']
      : [`the end of the console of ${first.name}:`, ...tail.map((line) => `  | ${line}`)];
  return [...lines, ...console].join('\n  ');
}
