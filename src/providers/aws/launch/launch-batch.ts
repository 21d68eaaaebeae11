import type * as Ec2 from '@aws-sdk/client-ec2';
import { AwsError } from '../api.js';
import type { Input } from '../calls.js';
import { type CapacityReach, capacityReach } from '../error-codes.js';
import type { AwsSettings } from '../types.js';
import { clientToken } from './client-token.js';
import type { LaunchContext } from './context.js';
import type { TemplateVersion } from './ensure-template.js';
import { whileSettling } from './settle.js';
import { type LaunchImage, networkInterface, nodeTags, tagSpecifications } from './template-data.js';

/** What all calls of one launch have in common. */
export interface InstancesJob {
  context: LaunchContext;
  cluster: string;
  roles: readonly string[];
  settings: AwsSettings;
  image: LaunchImage;
  template: TemplateVersion;
  /** The instances of these roles that AWS shows, dead ones too. */
  seen: readonly { id: string; name: string }[];
  attempt: number;
  /** Calls made so far, by subnet and type. */
  calls: Map<string, number>;
}

/** Nodes for one subnet and type. */
export interface BatchWish {
  subnet: string | undefined;
  type: string;
  count: number;
  name: string;
  /** Whether this one node alone has that name. */
  named: boolean;
}

/** An instance as RunInstances answers it. */
export interface Started {
  id: string;
  /** Milliseconds since 1970. Long ago: AWS answers with what an earlier call of the same token launched. */
  time: number;
}

export interface BatchOutcome {
  /** Nodes launched; a dry run takes them for launched. */
  got: number;
  started: Started[];
  /** What there is no more of, with AWS's words. */
  exhausted: { reach: CapacityReach; awsCode: string; reason: string } | undefined;
}

/**
 * Launches a batch, all or nothing; where AWS has not room for all of it, once more as many as there is room for.
 *
 * @throws AwsError for all but a lack of capacity.
 */
export async function launchBatch(job: InstancesJob, batch: BatchWish): Promise<BatchOutcome> {
  const whole = await run(job, batch, batch.count);
  if (whole.exhausted === undefined || batch.count === 1 || isNotOffered(whole.exhausted)) return whole;
  const part = await run(job, batch, 1);
  return part.got === batch.count ? part : { ...part, exhausted: part.exhausted ?? whole.exhausted };
}

async function run(job: InstancesJob, batch: BatchWish, min: number): Promise<BatchOutcome> {
  const { api } = job.context;
  const input = runInput(job, batch, min);
  try {
    const answer = await whileSettling(job.context, () =>
      api.change('ec2:RunInstances', input, reasonOf(batch)),
    );
    if (answer === undefined) return { got: batch.count, started: [], exhausted: undefined };
    const started = (answer.Instances ?? []).map(
      ({ InstanceId: id = '', LaunchTime: time = new Date() }) => ({
        id,
        time: time.getTime(),
      }),
    );
    return { got: started.length, started, exhausted: undefined };
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    const { awsCode, message: reason } = error;
    const reach = capacityReach(awsCode);
    if (reach === undefined) throw error;
    return { got: 0, started: [], exhausted: { reach, awsCode, reason } };
  }
}

/** Fewer do not help where the type is not offered at all. */
function isNotOffered({ awsCode }: { awsCode: string }): boolean {
  return awsCode === 'Unsupported';
}

function runInput(job: InstancesJob, batch: BatchWish, min: number): Input<'ec2:RunInstances'> {
  const { subnet, type, count, name } = batch;
  const { id, name: LaunchTemplateName, version } = job.template;
  const { cluster, roles, image, settings, attempt } = job;
  return {
    LaunchTemplate: { LaunchTemplateName, Version: version },
    InstanceType: type as Ec2._InstanceType,
    NetworkInterfaces: [networkInterface(settings, subnet)],
    MinCount: min,
    MaxCount: count,
    TagSpecifications: tagSpecifications(nodeTags({ cluster, roles, image, name })),
    ClientToken: clientToken({
      ...{ cluster, roles, name, subnet, type, min, max: count, attempt },
      ...(batch.named ? ownHistory(job, name) : sharedHistory(job, batch)),
      template: `${id ?? LaunchTemplateName}@${version}`,
    }),
  };
}

/**
 * A node with a name of its own is told by what bore that name: whichever of its fellows AWS shows already, a repeated
 * launch repeats its call.
 */
function ownHistory({ seen }: InstancesJob, name: string): { seen: string[]; ordinal: number } {
  return { seen: seen.filter((each) => each.name === name).map(({ id }) => id), ordinal: 0 };
}

function sharedHistory(
  { seen, calls }: InstancesJob,
  { subnet, type }: BatchWish,
): { seen: string[]; ordinal: number } {
  const pool = `${subnet} ${type}`;
  const ordinal = calls.get(pool) ?? 0;
  calls.set(pool, ordinal + 1);
  return { seen: seen.map(({ id }) => id), ordinal };
}

function reasonOf({ name, count, subnet, type }: BatchWish): string {
  const what = count === 1 ? name : `${count} nodes ${name}`;
  return `${what}: ${type}${subnet === undefined ? '' : ` in ${subnet}`}`;
}
