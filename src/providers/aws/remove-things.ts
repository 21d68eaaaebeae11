import { type AwsApi, AwsError } from './api.js';
import type { Removal } from './removals.js';

/** Why something could not be removed, and how often it is worth another try. */
export interface Refusal {
  message: string;
  /** `never`: it may not be; `whenever`: when something else has gone; `sometimes`: who knows. */
  again: 'never' | 'sometimes' | 'whenever';
}

/** How many instances one call ends: one that cannot be ended holds up those it is asked with. */
const INSTANCES_AT_ONCE = 100;

/** What stays so until somebody changes the account. */
const FORBIDDEN = new Set([
  'AccessDenied',
  'AccessDeniedException',
  'OperationNotPermitted',
  'UnauthorizedOperation',
]);

/** Codes that speak of one of the instances of a call: the others may do. */
const OF_ONE =
  /^(InvalidInstanceID|IncorrectInstanceState|OperationNotPermitted|UnauthorizedOperation|UnsupportedOperation)/;

/** What passes when something else has gone: the same call may work later. */
const PASSING = new Set([
  'DependencyViolation',
  'IncorrectInstanceState',
  'IncorrectState',
  'InvalidNetworkInterface.InUse',
  'ResourceInUse',
  'ResourceContention',
  'ScalingActivityInProgress',
  'VolumeInUse',
]);

/**
 * Removes things, and says of each that it could not be removed why; what is gone already counts as removed.
 *
 * @throws KilnError for what would refuse everything, as CREDENTIALS_MISSING.
 */
export async function removeThings(
  api: AwsApi,
  cluster: string,
  things: readonly Removal[],
): Promise<Map<string, Refusal>> {
  const refusals = new Map<string, Refusal>();
  for (const thing of things.filter(({ kind }) => kind !== 'instance')) {
    await attempt(thing.id, () => removeOne(api, cluster, thing), refusals);
  }
  const instances = things.filter(({ kind }) => kind === 'instance').map(({ id }) => id);
  for (let at = 0; at < instances.length; at += INSTANCES_AT_ONCE) {
    await endInstances(api, cluster, instances.slice(at, at + INSTANCES_AT_ONCE), refusals);
  }
  return refusals;
}

/** All of them by one call; where AWS does not like one of them, each by its own. What is not about them is the next round's. */
async function endInstances(
  api: AwsApi,
  cluster: string,
  InstanceIds: string[],
  refusals: Map<string, Refusal>,
): Promise<void> {
  const end = (ids: string[]) =>
    api.change('ec2:TerminateInstances', { InstanceIds: ids }, `end nodes of cluster ${cluster}`);
  const [first = ''] = InstanceIds;
  if (InstanceIds.length === 1) return await attempt(first, () => end(InstanceIds), refusals);
  try {
    await end(InstanceIds);
  } catch (error) {
    if (!(error instanceof AwsError) || error.code !== 'AWS_FAILED') throw error;
    if (!OF_ONE.test(error.awsCode)) {
      for (const id of InstanceIds) refusals.set(id, refusalOf(error));
      return;
    }
    for (const id of InstanceIds) await attempt(id, () => end([id]), refusals);
  }
}

function removeOne(api: AwsApi, cluster: string, { kind, id }: Removal): Promise<unknown> {
  switch (kind) {
    case 'group':
      // With its instances: it would wait for somebody to end them otherwise.
      return api.change(
        'autoscaling:DeleteAutoScalingGroup',
        { AutoScalingGroupName: id, ForceDelete: true },
        `end a group of cluster ${cluster} with its nodes`,
      );
    case 'volume':
      return api.change('ec2:DeleteVolume', { VolumeId: id }, `delete what cluster ${cluster} left over`);
    case 'interface':
      return api.change(
        'ec2:DeleteNetworkInterface',
        { NetworkInterfaceId: id },
        `delete what cluster ${cluster} left over`,
      );
    case 'template':
      return api.change(
        'ec2:DeleteLaunchTemplate',
        { LaunchTemplateId: id },
        `delete a launch template of cluster ${cluster}`,
      );
    case 'instance':
      throw new Error('instances are ended together');
  }
}

async function attempt(
  id: string,
  remove: () => Promise<unknown>,
  refusals: Map<string, Refusal>,
): Promise<void> {
  try {
    await remove();
  } catch (error) {
    // No credentials, or interrupted: the next thing would not fare better.
    if (!(error instanceof AwsError) || error.code !== 'AWS_FAILED') throw error;
    if (isGone(error)) return;
    refusals.set(id, refusalOf(error));
  }
}

/** AWS says that it does not exist: which is what was wanted. */
function isGone({ awsCode, message }: AwsError): boolean {
  // Auto Scaling has one code for everything it does not like.
  return awsCode.endsWith('.NotFound') || (awsCode === 'ValidationError' && /not found/i.test(message));
}

function refusalOf({ awsCode, message }: AwsError): Refusal {
  if (FORBIDDEN.has(awsCode)) return { message, again: 'never' };
  // Interfaces and groups say so under codes that mean other things too.
  const passes = PASSING.has(awsCode) || /currently in use|pending delete|in progress/i.test(message);
  return { message, again: passes ? 'whenever' : 'sometimes' };
}
