import { createGate } from '../../../src/gate/gate.js';
import { silentProgress } from '../../../src/progress.js';
import type { CallName } from '../../../src/providers/aws/calls.js';
import { quickClock } from './quick-clock.js';
import { type Answers, awsError, demoTags, recordedApi } from './recorder.js';

const GROUP_TAG = 'aws:autoscaling:groupName';

/** An account with a cluster in it, as small as can be: things go some time after they were told to. */
export function account() {
  const instances = new Map<string, { state: string; group?: string }>([
    ['i-1', { state: 'running' }],
    ['i-2', { state: 'running' }],
    ['i-3', { state: 'running', group: 'kiln-demo-minion' }],
  ]);
  const groups = new Map<string, string | undefined>([['kiln-demo-minion', undefined]]);
  const volumes = new Map([['vol-1', 'available']]);
  const interfaces = new Set(['eni-1']);
  const templates = new Set(['lt-1', 'lt-2']);
  const end = (id: string): void => {
    const instance = instances.get(id);
    if (instance === undefined) throw awsError('InvalidInstanceID.NotFound', `${id} does not exist`);
    instance.state = 'shutting-down';
  };
  const remove = (set: { delete(id: string): boolean }, id: string | undefined, code: string): object => {
    if (!set.delete(id ?? '')) throw awsError(code, `${id} does not exist`);
    return {};
  };
  const answers: Answers = {
    'ec2:DescribeInstances': () => ({
      Reservations: [
        {
          Instances: [...instances].map(([InstanceId, { state, group }]) => ({
            InstanceId,
            State: { Name: state as 'running' },
            Tags: [
              ...demoTags(group === undefined ? 'master' : 'minion'),
              ...(group === undefined ? [] : [{ Key: GROUP_TAG, Value: group }]),
            ],
          })),
        },
      ],
    }),
    'autoscaling:DescribeAutoScalingGroups': () => ({
      AutoScalingGroups: [...groups].map(([AutoScalingGroupName, Status]) => ({
        AutoScalingGroupName,
        ...(Status === undefined ? {} : { Status }),
        MinSize: 0,
        MaxSize: 1,
        DesiredCapacity: 1,
        DefaultCooldown: 0,
        AvailabilityZones: [],
        HealthCheckType: 'EC2',
        CreatedTime: new Date(0),
        Tags: demoTags('minion'),
      })),
    }),
    'ec2:DescribeVolumes': () => ({
      Volumes: [...volumes].map(([VolumeId, State]) => ({
        VolumeId,
        State: State as 'available',
        Tags: demoTags('master'),
      })),
    }),
    'ec2:DescribeNetworkInterfaces': () => ({
      NetworkInterfaces: [...interfaces].map((NetworkInterfaceId) => ({
        NetworkInterfaceId,
        Status: 'available',
        TagSet: demoTags('master'),
      })),
    }),
    'ec2:DescribeLaunchTemplates': () => ({
      LaunchTemplates: [...templates].map((LaunchTemplateId) => ({
        LaunchTemplateId,
        Tags: demoTags('master'),
      })),
    }),
    'autoscaling:DeleteAutoScalingGroup': ({ AutoScalingGroupName = '', ForceDelete }) => {
      if (!groups.has(AutoScalingGroupName)) {
        throw awsError('ValidationError', `AutoScalingGroup name not found - ${AutoScalingGroupName}`);
      }
      if (ForceDelete !== true) throw awsError('ResourceInUse', 'it has instances');
      groups.set(AutoScalingGroupName, 'Delete in progress');
      for (const [id, { group }] of instances) if (group === AutoScalingGroupName) end(id);
      return {};
    },
    'ec2:TerminateInstances': ({ InstanceIds = [] }) => {
      for (const id of InstanceIds) end(id);
      return {};
    },
    'ec2:DeleteVolume': ({ VolumeId }) => remove(volumes, VolumeId, 'InvalidVolume.NotFound'),
    'ec2:DeleteNetworkInterface': ({ NetworkInterfaceId }) =>
      remove(interfaces, NetworkInterfaceId, 'InvalidNetworkInterfaceID.NotFound'),
    'ec2:DeleteLaunchTemplate': ({ LaunchTemplateId }) =>
      remove(templates, LaunchTemplateId, 'InvalidLaunchTemplateId.NotFound'),
  };
  /** Machines are gone a while after they were told to end, and so are the groups they were of. */
  const tick = (): void => {
    for (const [id, { state }] of instances) {
      if (state === 'shutting-down') instances.set(id, { state: 'terminated' });
    }
    const left = new Set([...instances.values()].map(({ group }) => group));
    for (const [name, status] of groups) if (status !== undefined && !left.has(name)) groups.delete(name);
  };
  return { answers, tick, instances, groups, volumes, interfaces, templates };
}

/** What a destroy is given, with the record of its calls. */
export function options(answers: Answers, tick?: (now: number) => void, gate = createGate({})) {
  const recorded = recordedApi(answers, { gate });
  const base = { progress: silentProgress, name: 'demo', signal: gate.signal, clock: quickClock(tick) };
  return { ...recorded, options: { ...base, api: recorded.api } };
}

/** The calls that change anything, in order. */
export function changes(calls: readonly { name: CallName }[]): CallName[] {
  return calls.map(({ name }) => name).filter((name) => !name.includes('Describe'));
}
