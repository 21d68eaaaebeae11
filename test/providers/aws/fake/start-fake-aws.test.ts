import * as ec2 from '@aws-sdk/client-ec2';
import test from 'ava';
import { CALLS } from '../../../../src/providers/aws/calls.js';
import { start } from './sdk-clients.js';

test('it answers every action kiln calls, and none that does not exist', async (t) => {
  const { fake } = await start(t);
  for (const name of Object.keys(CALLS)) {
    const [service, action] = name.split(':');
    const response = await fetch(fake.url, {
      method: 'POST',
      headers: { authorization: `AWS4-HMAC-SHA256 Credential=x/20261121/us-east-1/${service}/aws4_request` },
      body: `Action=${action}&Version=1`,
    });
    t.false((await response.text()).includes('InvalidAction'), name);
  }
  const unsigned = await fetch(fake.url, { method: 'POST', body: 'Action=RunInstances' });
  t.regex(await unsigned.text(), /InvalidAction/);
});

test('eventual consistency: instances, then their tags, come into view one look after the other', async (t) => {
  const { run, list, account } = await start(t);
  account.delays = { instances: 1, tags: 2, running: 1, terminated: 1 };
  const { Instances = [] } = await run();
  const InstanceIds = Instances.map(({ InstanceId = '' }) => InstanceId);
  await t.throwsAsync(list({ InstanceIds }), { name: 'InvalidInstanceID.NotFound' });
  const [untagged] = await list({ InstanceIds });
  t.deepEqual(untagged?.Tags ?? [], []);
  const Filters = [{ Name: 'tag:KubernetesCluster', Values: ['demo'] }];
  t.is((await list({ Filters })).length, 2);
});

test('answers come in pages, ids do not', async (t) => {
  const { run, list, account, client } = await start(t);
  account.pageSize = 2;
  await run({ MinCount: 5, MaxCount: 5 });
  const seen: string[] = [];
  for await (const page of ec2.paginateDescribeInstances({ client }, { MaxResults: 1000 }))
    seen.push(
      ...(page.Reservations ?? []).flatMap(({ Instances = [] }) =>
        Instances.map((each) => each.InstanceId ?? ''),
      ),
    );
  t.is(new Set(seen).size, 5);
  t.is((await list({ InstanceIds: seen })).length, 5);
  await t.throwsAsync(list({ InstanceIds: seen, MaxResults: 5 }), { name: 'InvalidParameterCombination' });
  await t.throwsAsync(list({ Filters: [{ Name: 'colour', Values: ['red'] }] }), {
    name: 'InvalidParameterValue',
  });
  await t.throwsAsync(list({ NextToken: 'x' }), { name: 'InvalidNextToken' });
});

test('throttling, scripted refusals, and connections that break after the work is done', async (t) => {
  const { fake, run, account, list } = await start(t);
  fake.refuse('ec2:DescribeInstances', { code: 'Blocked' });
  await t.throwsAsync(list(), { name: 'Blocked' });
  await list();
  fake.breakAfter('ec2:RunInstances');
  await t.throwsAsync(run(), { code: 'ECONNRESET' });
  t.is(account.instances.size, 2);
  t.is((await run()).Instances?.length, 2);
  t.is(account.instances.size, 2);
  fake.throttle('ec2:RunInstances', { size: 1, perSecond: 0 });
  await run();
  const error = await t.throwsAsync(run(), { name: 'RequestLimitExceeded' });
  t.is((error as ec2.EC2ServiceException).$metadata.httpStatusCode, 503);
  t.is(fake.count('ec2:RunInstances'), 4);
  t.is(fake.calls.at(-1)?.code, 'RequestLimitExceeded');
});
