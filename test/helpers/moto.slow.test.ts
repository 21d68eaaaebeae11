import { DescribeSubnetsCommand, EC2Client } from '@aws-sdk/client-ec2';
import test from 'ava';
import { clientConfig } from './aws-environment.js';
import { startMoto } from './moto.js';

test('moto answers the SDK, remembers what it was asked, and forgets', async (t) => {
  const moto = await startMoto(t);
  const client = new EC2Client(clientConfig(moto));
  const { Subnets = [] } = await client.send(new DescribeSubnetsCommand({ DryRun: false }));
  t.true(Subnets.length > 1);
  const [request] = await moto.requests();
  t.is(request?.action, 'ec2:DescribeSubnets');
  t.is(request?.parameters.DryRun, 'false');
  await moto.reset();
  t.deepEqual(await moto.requests(), []);
});
