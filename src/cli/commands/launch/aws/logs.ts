import { KilnError } from '../../../../errors.js';
import { createGate } from '../../../../gate/gate.js';
import { consoleOutput } from '../../../../providers/aws/console-output.js';
import { describeCluster } from '../../../../providers/aws/describe-cluster.js';
import { findNode } from '../../../../providers/aws/find-node.js';
import { openAws } from '../../../../providers/aws/open-aws.js';
import { requireRegion } from '../../../../providers/aws/require-region.js';
import type { AwsConfig } from '../../../../spec/aws-config.js';
import type { LogsOptions } from '../logs.js';

/**
 * `launch logs` on AWS: what the node wrote to its serial console, which is all there is of it from outside.
 *
 * @throws KilnError USAGE for what only a login can give, UNKNOWN_NAME, LAUNCH_FAILED when AWS has no output; AwsError.
 */
export async function runLogsOnAws(
  { cluster, node }: { cluster: string; node: string },
  options: LogsOptions,
  config: AwsConfig | undefined,
): Promise<void> {
  refuseJournal(node, options);
  const api = openAws({ gate: createGate({}), region: requireRegion(options.region, config) });
  const { id, name, state } = findNode(await describeCluster(api, cluster), node);
  const text = await consoleOutput(api, id);
  if (text === undefined) {
    throw new KilnError('LAUNCH_FAILED', `AWS has no console output of ${name} (${id}), which is ${state}`, {
      hint: 'The first comes some minutes after the start; that of an ended node is kept for about an hour.',
    });
  }
  if (options.console !== true) {
    process.stderr.write(`kiln has no login on AWS: this is the console of ${name} (${id})\n`);
  }
  process.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
}

/** The console has no units, and AWS gives it in pieces, not as a stream. */
function refuseJournal(node: string, { unit, follow }: LogsOptions): void {
  const flag = unit === undefined ? '--follow' : '--unit';
  if (unit === undefined && follow !== true) return;
  throw new KilnError('USAGE', `${flag} needs a login, and kiln has none on nodes of AWS`, {
    hint: `\`launch logs ${node} --provider aws\` prints what the node wrote to its console, the start of every unit among it.`,
  });
}
