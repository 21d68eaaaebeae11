import { createGate, type Gate } from '../../../src/gate/gate.js';
import { type AwsApi, AwsError, createAwsApi } from '../../../src/providers/aws/api.js';
import type { CallName, Input, Output } from '../../../src/providers/aws/calls.js';

/** What answers a call in a test: without the metadata every real answer has. */
export type Answers = { [N in CallName]?: (input: Input<N>) => Omit<Output<N>, '$metadata'> };

/** AWS in memory: calls are answered by `answers`, everything else by nothing at all, and all of them are recorded. */
export function recordedApi(
  answers: Answers,
  { dryRun = false, gate = createGate({ dryRun }) }: { dryRun?: boolean; gate?: Gate } = {},
): { api: AwsApi; calls: { name: CallName; input: unknown }[]; gate: Gate } {
  const calls: { name: CallName; input: unknown }[] = [];
  const api = createAwsApi({
    gate,
    region: 'eu-west-1',
    async transport(name, input, signal) {
      calls.push({ name, input });
      const answer = answers[name] as ((input: unknown) => unknown) | undefined;
      const output = answer?.(input) as object;
      // As the SDK: what was sent was sent, and nobody hears the answer.
      signal.throwIfAborted();
      return { $metadata: {}, ...output } as Output<typeof name>;
    },
  });
  return { api, calls, gate };
}

/** What AWS throws, as the transport passes it on. */
export function awsError(awsCode: string, message = awsCode): AwsError {
  return new AwsError(message, { awsCode });
}

/** The tags of everything of cluster demo. */
export function demoTags(role: string, name?: string): { Key: string; Value: string }[] {
  return [
    { Key: 'KubernetesCluster', Value: 'demo' },
    { Key: 'managed-by', Value: 'kiln' },
    { Key: 'Role', Value: role },
    ...(name === undefined ? [] : [{ Key: 'Name', Value: name }]),
  ];
}
