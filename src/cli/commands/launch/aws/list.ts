import { createGate } from '../../../../gate/gate.js';
import type { ProviderOptions } from '../../../../launch/choose-provider.js';
import { type AwsClusterSummary, listAwsClusters } from '../../../../providers/aws/list-clusters.js';
import { openAws } from '../../../../providers/aws/open-aws.js';
import { requireRegion } from '../../../../providers/aws/require-region.js';
import type { AwsConfig } from '../../../../spec/aws-config.js';
import { formatTable, printResult } from '../../../print.js';

/** `launch list` on AWS: the clusters of one region. @throws KilnError USAGE without a region; AwsError. */
export async function runListOnAws(
  options: ProviderOptions & { json?: true | undefined },
  config: AwsConfig | undefined,
): Promise<void> {
  const region = requireRegion(options.region, config);
  const clusters = await listAwsClusters(openAws({ gate: createGate({}), region }));
  const text =
    clusters.length === 0 ? `There is no cluster of kiln's in ${region}.` : formatTable(clusters.map(row));
  printResult(clusters, text, options);
}

function row({ name, region, nodes, groups }: AwsClusterSummary): string[] {
  const roles = Object.entries(nodes).map(([role, count]) => `${count} × ${role}`);
  return [name, region, roles.length === 0 ? 'no nodes' : roles.join(', '), groups.join(', ')];
}
