import type { ExecutionContext } from 'ava';
import { createGate, type Gate } from '../../../src/gate/gate.js';
import { silentProgress } from '../../../src/progress.js';
import type { Clock } from '../../../src/providers/aws/clock.js';
import { type DestroyedOnAws, destroyOnAws } from '../../../src/providers/aws/destroy-on-aws.js';
import {
  type AwsLaunched,
  type AwsLaunchOptions,
  launchOnAws,
} from '../../../src/providers/aws/launch-on-aws.js';
import { openAws } from '../../../src/providers/aws/open-aws.js';
import type { AwsSettings } from '../../../src/providers/aws/types.js';
import { furnish, IDS } from './fake/furnish.js';
import { type FakeAws, startFakeAws } from './fake/start-fake-aws.js';
import { quickClock } from './quick-clock.js';

/** A furnished fake that this process's SDK talks to until the test ends; tests that use it are serial. */
export async function useFake(t: ExecutionContext): Promise<FakeAws> {
  const fake = await startFakeAws(t);
  furnish(fake.account);
  fake.account.profiles.set('new', { name: 'new', unknownToEc2: 3 });
  // Time that passes only in the clock fills no bucket; `throttle` sets a real one again.
  fake.throttle('ec2:RunInstances', { size: 1000, perSecond: 1000 });
  useEnvironment(t, fake.env);
  return fake;
}

/** Sets variables of this process until the test ends. */
export function useEnvironment(t: ExecutionContext, env: Readonly<Record<string, string>>): void {
  const before = Object.keys(env).map((name) => [name, process.env[name]] as const);
  Object.assign(process.env, env);
  t.teardown(() => {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  });
}

export interface Wanted {
  roles?: string[];
  count?: AwsLaunchOptions['request']['count'];
  settings?: Partial<AwsSettings>;
  options?: Partial<AwsLaunchOptions>;
  gate?: Gate;
  clock?: Clock;
}

/** Launches as `launch --cluster demo --role master --count 3` would; time passes only in the clock. */
export async function launchDemo(wanted: Wanted = {}): Promise<AwsLaunched> {
  const { roles = ['master'], count = { total: 3 }, gate = createGate({}), clock = quickClock() } = wanted;
  return await launchOnAws({
    api: openAws({ gate, region: 'us-east-1', clock }),
    progress: silentProgress,
    signal: gate.signal,
    request: { cluster: 'demo', roles, count } as AwsLaunchOptions['request'],
    settings: {
      region: 'us-east-1',
      subnets: [...IDS.subnets],
      securityGroups: [IDS.securityGroup],
      instanceProfile: IDS.profile,
      instanceTypes: ['t3.medium'],
      volumeSizeGiB: 20,
      kmsKeyId: undefined,
      adminCidrs: [],
      ...wanted.settings,
    },
    image: { ami: IDS.image, arch: undefined, imageId: undefined },
    shape: undefined,
    force: false,
    wait: false,
    clock,
    ...wanted.options,
  });
}

export async function destroyDemo({
  gate = createGate({}),
  clock = quickClock(),
} = {}): Promise<DestroyedOnAws> {
  const api = openAws({ gate, region: 'us-east-1', clock });
  return await destroyOnAws({ api, progress: silentProgress, name: 'demo', signal: gate.signal, clock });
}
