import test from 'ava';
import { execa } from 'execa';
import { repositoryPath } from '../../../src/repository.js';
import { startMotoAccount } from './moto-account.js';

const SCRIPT = repositoryPath('scripts', 'live-smoke');

test.serial('the live smoke test starts nothing unless it is told to, and where', async (t) => {
  for (const env of [{}, { KILN_AWS_LIVE: '1' }, { KILN_AWS_LIVE: '1', KILN_AWS_ACCOUNT: '1' }]) {
    const { exitCode, stderr } = await execa(SCRIPT, { env, reject: false });
    t.is(exitCode, 2);
    t.regex(stderr, /KILN_AWS_LIVE=1/);
  }
});

test.serial('the live smoke test comes to its end, here against moto, and leaves nothing', async (t) => {
  t.timeout(300_000);
  const { moto, settings, image, instances } = await startMotoAccount(t);
  const env = {
    ...moto.env,
    KILN_AWS_LIVE: '1',
    KILN_AWS_ACCOUNT: '123456789012',
    KILN_AWS_REGION: 'us-east-1',
    KILN_AWS_IMAGE: image.ami ?? '',
    KILN_AWS_SUBNET: settings.subnets[0] ?? '',
    KILN_AWS_SECURITY_GROUP: settings.securityGroups[0] ?? '',
    KILN_AWS_INSTANCE_PROFILE: settings.instanceProfile ?? '',
  };
  const other = await execa(SCRIPT, { env: { ...env, KILN_AWS_ACCOUNT: '999999999999' }, reject: false });
  t.not(other.exitCode, 0);
  t.regex(other.stderr, /the credentials are for account 123456789012, not 999999999999/);
  t.deepEqual(await instances(), []);

  const done = await execa(SCRIPT, { env, reject: false, all: true });
  t.is(done.exitCode, 0, done.all);
  t.regex(done.stderr, /came, was whole, and is gone/);
  const all = await instances();
  t.is(all.length, 2);
  t.deepEqual([...new Set(all.map(({ State }) => State?.Name))], ['terminated']);
});
