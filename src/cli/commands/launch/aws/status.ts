import { KilnError } from '../../../../errors.js';
import type { AwsApi } from '../../../../providers/aws/api.js';
import { readAwsStatus } from '../../../../providers/aws/cluster-status.js';
import { formatAwsStatus } from './format-aws-status.js';

/** One look at a cluster on AWS: its status, and the same as text. @throws KilnError CLUSTER_MISSING; AwsError. */
export async function lookOnAws(api: AwsApi, name: string): Promise<{ status: unknown; text: string }> {
  const status = await readAwsStatus(api, name);
  if (status === undefined) {
    throw new KilnError('CLUSTER_MISSING', `There is no cluster ${name} in ${api.region}`, {
      hint: 'See `launch list --provider aws`; --region looks elsewhere. A new one: `launch --role master --count 3 --provider aws`.',
    });
  }
  return { status, text: formatAwsStatus(status, new Date()) };
}
