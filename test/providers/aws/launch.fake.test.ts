import test, { type ExecutionContext } from 'ava';
import { execa } from 'execa';
import type { KilnError } from '../../../src/errors.js';
import { createGate } from '../../../src/gate/gate.js';
import { realClock } from '../../../src/providers/aws/clock.js';
import type { AwsLaunched } from '../../../src/providers/aws/launch-on-aws.js';
import { repositoryPath } from '../../../src/repository.js';
import { destroyDemo, launchDemo, quickClock, useFake } from './a-launch.js';
import { everything, IDS, living, withoutTags } from './fake/furnish.js';
import type { Call, FakeAws } from './fake/start-fake-aws.js';

/**
 * kiln's launch with the real SDK over HTTP against a fake that is stricter than moto. Whatever happens, nothing may be left that
 * lacks the cluster's tags, and what a person is told says how to go on.
 */
const TAGS = { KubernetesCluster: 'demo', 'kubernetes.io/cluster/demo': 'owned', 'managed-by': 'kiln' };
const [A, B, C] = IDS.subnets;
const RUN = 'ec2:RunInstances';

const launches = ({ calls }: FakeAws): Call[] => calls.filter(({ action }) => action === RUN);
const tokens = (fake: FakeAws): string[] =>
  launches(fake).map(({ parameters }) => parameters.ClientToken ?? '');
const changes = ({ calls }: FakeAws): string[] =>
  calls.map(({ action }) => action).filter((action) => !/:(Describe|Get)/.test(action));

/** Whatever came of it, nothing is there without tags. */
function checkTags(t: ExecutionContext, { account }: FakeAws): void {
  t.deepEqual(withoutTags(account, TAGS), []);
}

/** A failure that a person can act on. */
function checkTold(t: ExecutionContext, failure: KilnError | undefined, message: RegExp): void {
  t.is(failure?.code, 'LAUNCH_FAILED');
  t.regex(failure?.message ?? '', message);
  t.regex(failure?.hint ?? '', /To go on: `launch --role .* --cluster demo --provider aws`/);
  t.regex(failure?.hint ?? '', /launch destroy --cluster demo/);
}

/** The same command again ends with all nodes there, none twice. */
async function checkAgain(t: ExecutionContext, fake: FakeAws, launched = 3): Promise<AwsLaunched> {
  const again = await launchDemo();
  t.is(again.failure, undefined, again.failure?.message);
  t.is(living(fake.account).length, launched);
  checkTags(t, fake);
  return again;
}

test.serial('three masters: spread, tagged, made as asked for; a second run launches none', async (t) => {
  const fake = await useFake(t);
  const launched = await launchDemo();
  t.is(launched.failure, undefined);
  t.deepEqual(launched.instances.map(({ name }) => name).sort(), [
    'demo-master-1',
    'demo-master-2',
    'demo-master-3',
  ]);
  const nodes = living(fake.account);
  t.deepEqual(nodes.map(({ subnet }) => subnet).sort(), [A, B, C]);
  checkTags(t, fake);
  for (const { data, tags, template } of nodes) {
    t.deepEqual(data.metadata, {
      ...{ tokens: 'required', hopLimit: 1, endpoint: 'enabled' },
      tags: 'disabled',
    });
    t.is(data.shutdownBehavior, 'terminate');
    t.is(data.profile, IDS.profile);
    t.is(tags.Role, 'master');
    t.is(tags['aws:ec2launchtemplate:version'], '1');
    t.is(template?.version, 1);
    const userData = Buffer.from(data.userData ?? '', 'base64').toString();
    t.regex(userData, /^#cloud-config\n/);
    t.is(userData.match(/CLUSTER_NAME=demo/g)?.length, 1);
    t.true(userData.length <= 200);
  }
  for (const volume of fake.account.volumes.values()) {
    t.true(volume.encrypted && volume.deleteOnTermination);
    t.deepEqual([volume.type, volume.sizeGiB, volume.device], ['gp3', 20, '/dev/xvda']);
  }
  const before = changes(fake).length;
  await checkAgain(t, fake);
  t.is(changes(fake).length, before, 'the second run changes nothing');
});

test.serial('a dead master is replaced, under its name and with another token', async (t) => {
  const fake = await useFake(t);
  await launchDemo();
  const [dead] = living(fake.account);
  if (dead !== undefined) dead.ended = { at: 0, code: 'Client.UserInitiatedShutdown', reason: 'gone' };
  fake.account.volumes.forEach((each) => {
    if (each.instance === dead?.id) fake.account.volumes.delete(each.id);
  });
  fake.account.interfaces.forEach((each) => {
    if (each.instance === dead?.id) fake.account.interfaces.delete(each.id);
  });
  const again = await checkAgain(t, fake);
  t.deepEqual(again.launched.length, 1);
  t.is(launches(fake).length, 4);
  t.is(new Set(tokens(fake)).size, 4);
  t.is(again.instances.find(({ id }) => id === again.launched[0])?.name, dead?.tags.Name);
});

test.serial('instances that AWS does not show yet are not launched twice', async (t) => {
  const fake = await useFake(t);
  fake.account.delays.instances = 1000;
  fake.account.delays.tags = 1000;
  const first = await launchDemo();
  t.is(living(fake.account).length, 3, first.failure?.message);
  // They come into view between two launches, or not: either way there are three.
  await launchDemo();
  t.is(living(fake.account).length, 3);
  fake.account.delays.instances = 0;
  fake.account.delays.tags = 0;
  await checkAgain(t, fake);
});

test.serial('instances that come into view late, and their tags later, are waited for', async (t) => {
  const fake = await useFake(t);
  fake.account.delays = { instances: 2, tags: 4, running: 1, terminated: 1 };
  const launched = await launchDemo();
  t.is(launched.failure, undefined, launched.failure?.message);
  t.is(launched.instances.length, 3);
  t.is(living(fake.account).length, 3);
});

test.serial('a token AWS knows with other parameters: looked again, and another one used', async (t) => {
  const fake = await useFake(t);
  fake.refuse(RUN, { code: 'IdempotentParameterMismatch' });
  const launched = await launchDemo();
  t.is(launched.failure, undefined, launched.failure?.message);
  t.is(living(fake.account).length, 3);
  const [refused, ...others] = tokens(fake);
  t.false(others.includes(refused ?? ''), 'the refused token is not sent again');
  checkTags(t, fake);
});

test.serial('a repeated call that gives instances long gone is not believed', async (t) => {
  const fake = await useFake(t);
  await launchDemo();
  // All end and are forgotten, tokens are not: the same launch would be given the same dead instances.
  fake.account.instances.forEach((each) => {
    each.launched = '2026-01-01T00:00:00.000Z';
    each.ended = { at: -10, code: 'Client.UserInitiatedShutdown', reason: 'gone' };
  });
  fake.account.volumes.clear();
  fake.account.interfaces.clear();
  const dead = new Map(fake.account.instances);
  fake.account.instances.clear();
  // Replays look them up.
  const get = fake.account.instances.get.bind(fake.account.instances);
  fake.account.instances.get = (id) => get(id) ?? dead.get(id);
  const again = await launchDemo();
  t.is(again.failure, undefined, again.failure?.message);
  t.is(living(fake.account).length, 3);
  t.true(again.instances.every(({ id }) => !dead.has(id)));
});

test.serial('no capacity in a subnet: the next one, and never the same call again', async (t) => {
  const fake = await useFake(t);
  fake.account.capacity.set(`${A} t3.medium`, 0);
  const launched = await launchDemo();
  t.is(launched.failure, undefined, launched.failure?.message);
  t.is(living(fake.account).length, 3);
  t.false(living(fake.account).some(({ subnet }) => subnet === A));
  t.is(new Set(tokens(fake)).size, launches(fake).length);
  t.is(launches(fake).filter(({ code }) => code === 'InsufficientInstanceCapacity').length, 1);
  checkTags(t, fake);
});

test.serial('no capacity for a type anywhere: the next type', async (t) => {
  const fake = await useFake(t);
  for (const subnet of IDS.subnets) fake.account.capacity.set(`${subnet} t3.medium`, 0);
  const launched = await launchDemo({ settings: { instanceTypes: ['t3.medium', 't3a.medium'] } });
  t.is(launched.failure, undefined, launched.failure?.message);
  t.deepEqual(
    living(fake.account).map(({ type }) => type),
    ['t3a.medium', 't3a.medium', 't3a.medium'],
  );
  t.is(new Set(tokens(fake)).size, launches(fake).length);
});

test.serial('no capacity at all: nothing launched, said so, and the next run goes on', async (t) => {
  const fake = await useFake(t);
  for (const subnet of IDS.subnets) fake.account.capacity.set(`${subnet} t3.medium`, 0);
  const { failure } = await launchDemo();
  checkTold(t, failure, /^0 of 3 master nodes of demo are there: /);
  t.regex(failure?.message ?? '', /sufficient t3.medium capacity/);
  t.regex(failure?.hint ?? '', /--subnet/);
  t.true(launches(fake).length <= 3, `${launches(fake).length} calls for what is not there`);
  checkTags(t, fake);
  fake.account.capacity.clear();
  await checkAgain(t, fake);
});

test.serial('partial capacity is kept, and told', async (t) => {
  const fake = await useFake(t);
  fake.account.capacity.set(`${A} t3.medium`, 7);
  fake.account.capacity.set(`${B} t3.medium`, 5);
  fake.account.capacity.set(`${C} t3.medium`, 0);
  const launched = await launchDemo({
    roles: ['minion'],
    count: { total: 30 },
    options: { shape: 'instances' },
  });
  t.is(living(fake.account).length, 12);
  t.is(launched.launched.length, 12);
  checkTold(t, launched.failure, /^12 of 30 minion nodes/);
  checkTags(t, fake);
  t.is(new Set(tokens(fake)).size, launches(fake).length);
});

test.serial('full subnets are refused before anything is changed, or passed over', async (t) => {
  const fake = await useFake(t);
  for (const subnet of fake.account.subnets.values()) subnet.free = 0;
  await t.throwsAsync(launchDemo(), { code: 'LAUNCH_REFUSED' });
  t.deepEqual(changes(fake), []);
  for (const subnet of fake.account.subnets.values()) subnet.free = subnet.id === C ? 3 : 0;
  await checkAgain(t, fake);
  t.true(living(fake.account).every(({ subnet }) => subnet === C));
});

test.serial('a new instance profile is waited for', async (t) => {
  const fake = await useFake(t);
  const clock = quickClock();
  const launched = await launchDemo({ settings: { instanceProfile: 'new' }, clock });
  t.is(launched.failure, undefined, launched.failure?.message);
  t.is(living(fake.account).length, 3);
  t.true(clock.waited() >= 15_000);
});

test.serial(
  'a profile EC2 never gets to know: said so after minutes, and nothing is left untagged',
  async (t) => {
    const fake = await useFake(t);
    fake.account.profiles.set('new', { name: 'new', unknownToEc2: 10_000 });
    const clock = quickClock();
    const { failure } = await launchDemo({ settings: { instanceProfile: 'new' }, clock });
    checkTold(t, failure, /Invalid IAM Instance Profile name/);
    t.true(clock.waited() >= 180_000 && clock.waited() < 400_000);
    t.is(living(fake.account).length, 0);
    checkTags(t, fake);
  },
);

test.serial('a group with a new profile is waited for too', async (t) => {
  const fake = await useFake(t);
  const launched = await launchDemo({ roles: ['minion'], settings: { instanceProfile: 'new' } });
  t.is(launched.failure, undefined, launched.failure?.message);
  t.is(living(fake.account).length, 3);
  t.is(fake.account.groups.size, 1);
  checkTags(t, fake);
});

test.serial('throttled calls are repeated until they pass', async (t) => {
  const fake = await useFake(t);
  fake.refuse(RUN, { code: 'RequestLimitExceeded', status: 503 }, 2);
  fake.refuse('ec2:DescribeInstances', { code: 'RequestLimitExceeded', status: 503 }, 1);
  await checkAgain(t, fake);
});

for (const action of ['ec2:CreateLaunchTemplate', RUN]) {
  for (const n of action === RUN ? [1, 2, 3] : [1]) {
    test.serial(`an answer that is lost (${action}, no. ${n}) makes nothing twice`, async (t) => {
      const fake = await useFake(t);
      fake.breakAfter(action, n);
      await checkAgain(t, fake);
      t.is(fake.account.templates.size, 1);
    });
  }
}

for (const action of ['ec2:CreateLaunchTemplate', RUN])
  for (const n of action === RUN ? [1, 2, 3] : [1])
    for (const visible of [true, false])
      test.serial(
        `interrupted right after ${action} no. ${n} (${visible ? 'visible' : 'not yet visible'}), the same command goes on`,
        async (t) => {
          const fake = await useFake(t);
          if (!visible) fake.account.delays = { instances: 12, tags: 12, running: 1, terminated: 1 };
          const controller = new AbortController();
          fake.breakAfter(action, n, () => controller.abort(new Error('the person pressed Ctrl-C')));
          await t.throwsAsync(launchDemo({ gate: createGate({ signal: controller.signal }) }));
          checkTags(t, fake);
          t.is(living(fake.account).length, action === RUN ? n : 0);
          await checkAgain(t, fake);
          t.is(fake.account.templates.size, 1);
        },
      );

for (const [action, n] of [
  ['ec2:CreateLaunchTemplate', 1],
  [RUN, 2],
] as const)
  test.serial(
    `the process is killed right after ${action} no. ${n}: the same command line goes on`,
    async (t) => {
      const fake = await useFake(t);
      fake.account.delays = { instances: 3, tags: 3, running: 1, terminated: 1 };
      const killed = start();
      fake.breakAfter(action, n, () => killed.kill('SIGKILL'));
      t.is((await killed).signal, 'SIGKILL');
      checkTags(t, fake);
      t.is(living(fake.account).length, action === RUN ? n : 0);
      const { exitCode, all } = await start();
      t.is(exitCode, 0, all);
      t.is(living(fake.account).length, 3);
      t.is(fake.account.templates.size, 1);
      checkTags(t, fake);
    },
  );

/** The command line itself, in a process of its own. */
function start() {
  const flags = ['--provider', 'aws', '--role', 'master', '--count', '3', '--cluster', 'demo', '--no-wait'];
  const where = ['--image', IDS.image, '--subnet', ...IDS.subnets, '--security-group', IDS.securityGroup];
  return execa(repositoryPath('bin', 'launch'), [...flags, ...where], { reject: false, all: true });
}

for (const action of ['ec2:CreateLaunchTemplate', 'autoscaling:CreateAutoScalingGroup'])
  test.serial(`a group: interrupted right after ${action}, the same command goes on`, async (t) => {
    const fake = await useFake(t);
    const controller = new AbortController();
    fake.breakAfter(action, 1, () => controller.abort(new Error('the person pressed Ctrl-C')));
    await t.throwsAsync(launchDemo({ roles: ['minion'], gate: createGate({ signal: controller.signal }) }));
    checkTags(t, fake);
    const again = await launchDemo({ roles: ['minion'] });
    t.is(again.failure, undefined, again.failure?.message);
    t.is(living(fake.account).length, 3);
    t.deepEqual([fake.account.groups.size, fake.account.templates.size], [1, 1]);
  });

test.serial(
  'a call that is refused halfway: what is there is kept and told, the next run goes on',
  async (t) => {
    const fake = await useFake(t);
    let calls = 0;
    const push = fake.calls.push.bind(fake.calls);
    fake.calls.push = (...items) => {
      calls += items.filter(({ action }) => action === RUN).length;
      if (calls === 2) {
        calls = 3;
        fake.refuse(RUN, {
          code: 'UnauthorizedOperation',
          message: 'You are not authorized to do this.',
          status: 403,
        });
      }
      return push(...items);
    };
    const { failure } = await launchDemo();
    checkTold(t, failure, /^1 of 3 master nodes of demo are there: .*not authorized/s);
    checkTags(t, fake);
    await checkAgain(t, fake);
  },
);

test.serial('1,000 minions by instances: at most 12 calls, evenly spread', async (t) => {
  const fake = await useFake(t);
  fake.account.pageSize = 300;
  // As AWS's: kiln is to wait of its own accord, in real time.
  fake.throttle(RUN, { size: 5, perSecond: 2 });
  const launched = await launchDemo({
    roles: ['minion'],
    count: { total: 1000 },
    options: { shape: 'instances' },
    clock: realClock,
  });
  t.is(launched.failure, undefined, launched.failure?.message);
  t.is(living(fake.account).length, 1000);
  t.true(launches(fake).length <= 12, String(launches(fake).length));
  t.true(launches(fake).every(({ parameters }) => Number(parameters.MaxCount) <= 100));
  t.deepEqual(
    launches(fake).filter(({ code }) => code !== undefined),
    [],
  );
  for (const id of IDS.subnets) {
    const share = living(fake.account).filter(({ subnet }) => subnet === id).length;
    t.true(share >= 300 && share <= 400, `${id}: ${share}`);
  }
  checkTags(t, fake);
  t.deepEqual((await destroyDemo()).left, []);
  t.deepEqual(everything(fake.account), []);
});

test.serial('1,000 minions by a group: one call, and destroy leaves nothing', async (t) => {
  const fake = await useFake(t);
  fake.account.pageSize = 400;
  const launched = await launchDemo({ roles: ['minion'], count: { total: 1000 } });
  t.is(launched.failure, undefined, launched.failure?.message);
  t.is(living(fake.account).length, 1000);
  t.deepEqual(changes(fake), ['ec2:CreateLaunchTemplate', 'autoscaling:CreateAutoScalingGroup']);
  checkTags(t, fake);
  const { left } = await destroyDemo();
  t.deepEqual(left, []);
  t.deepEqual(everything(fake.account), []);
});

test.serial('a group of several types: the second run changes nothing', async (t) => {
  const fake = await useFake(t);
  const settings = { instanceTypes: ['t3.medium', 't3a.medium'] };
  await launchDemo({ roles: ['minion'], settings });
  const before = changes(fake).length;
  const again = await launchDemo({ roles: ['minion'], settings });
  t.is(again.failure, undefined, again.failure?.message);
  t.is(changes(fake).length, before);
});

test.serial('a group that cannot launch all says why', async (t) => {
  const fake = await useFake(t);
  for (const subnet of IDS.subnets) fake.account.capacity.set(`${subnet} t3.medium`, 1);
  const { failure } = await launchDemo({ roles: ['minion'], count: { total: 5 }, options: { wait: true } });
  t.is(failure?.code, 'LAUNCH_FAILED');
  t.regex(failure?.message ?? '', /3 of 5/);
  t.regex(failure?.message ?? '', /sufficient t3.medium capacity/);
  t.is(living(fake.account).length, 3);
});

test.serial('destroy goes on after it was cut off, and through what is still in use', async (t) => {
  const fake = await useFake(t);
  await launchDemo();
  await launchDemo({ roles: ['minion'], count: { total: 4 } });
  t.is(living(fake.account).length, 7);
  const controller = new AbortController();
  fake.breakAfter('ec2:TerminateInstances', 1, () =>
    controller.abort(new Error('the person pressed Ctrl-C')),
  );
  await t.throwsAsync(destroyDemo({ gate: createGate({ signal: controller.signal }) }));
  // A disk left over from elsewhere, tagged as the cluster's; and AWS throttles.
  fake.account.volumes.set('vol-0a', {
    ...{ id: 'vol-0a', instance: undefined, device: '/dev/xvda', sizeGiB: 20, type: 'gp3' },
    ...{ encrypted: true, kmsKeyId: undefined, deleteOnTermination: true, tags: { ...TAGS, Role: 'master' } },
  });
  fake.refuse('ec2:DeleteVolume', { code: 'VolumeInUse' });
  fake.refuse('ec2:DescribeVolumes', { code: 'RequestLimitExceeded', status: 503 });
  const { left } = await destroyDemo();
  t.deepEqual(left, []);
  t.deepEqual(everything(fake.account), []);
});

test.serial('without rights to look, or with no credentials, it says so and changes nothing', async (t) => {
  const fake = await useFake(t);
  fake.refuse('ec2:DescribeSubnets', { code: 'UnauthorizedOperation', status: 403 }, 10);
  const error = await t.throwsAsync(launchDemo(), { code: 'AWS_FAILED' });
  t.regex((error as KilnError).hint ?? '', /policies\//);
  t.deepEqual(changes(fake), []);
});
