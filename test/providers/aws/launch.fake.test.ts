import test from 'ava';
import type { KilnError } from '../../../src/errors.js';
import { realClock } from '../../../src/providers/aws/clock.js';
import { destroyDemo, launchDemo, useFake } from './a-launch.js';
import { everything, IDS, living } from './fake/furnish.js';
import { A, B, C, changes, checkAgain, checkTags, launches, RUN, tokens } from './launch-checks.js';

/**
 * kiln's launch with the real SDK over HTTP against a fake that is stricter than moto. Whatever happens, nothing may be left that
 * lacks the cluster's tags, and what a person is told says how to go on.
 */

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

test.serial('throttled calls are repeated until they pass', async (t) => {
  const fake = await useFake(t);
  fake.refuse(RUN, { code: 'RequestLimitExceeded', status: 503 }, 2);
  fake.refuse('ec2:DescribeInstances', { code: 'RequestLimitExceeded', status: 503 }, 1);
  await checkAgain(t, fake);
});

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

test.serial('without rights to look, or with no credentials, it says so and changes nothing', async (t) => {
  const fake = await useFake(t);
  fake.refuse('ec2:DescribeSubnets', { code: 'UnauthorizedOperation', status: 403 }, 10);
  const error = await t.throwsAsync(launchDemo(), { code: 'AWS_FAILED' });
  t.regex((error as KilnError).hint ?? '', /policies\//);
  t.deepEqual(changes(fake), []);
});
