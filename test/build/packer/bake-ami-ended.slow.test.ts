import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import test, { type ExecutionContext } from 'ava';
import { bakeAmi } from '../../../src/build/bake-ami.js';
import { resolveBuilderSettings } from '../../../src/build/packer/builder-settings.js';
import { createGate } from '../../../src/gate/gate.js';
import type { Progress } from '../../../src/progress.js';
import { openAws } from '../../../src/providers/aws/open-aws.js';
import { resolveSpec } from '../../../src/spec/resolve-spec.js';
import { ensureMirror, folderBesideImages, MIRROR } from '../../helpers/baked-image.js';
import { type Moto, startMoto } from '../../helpers/moto.js';
import { baseImages, checkPolicy, leftovers, NO_LEFTOVERS, ownImages } from './aws-account.js';
import { freePort } from './base-machine.js';

/** Real Packer and the real SDK against moto; the builder instance never answers. */
const talk: Progress = {
  step: (title) => process.stderr.write(`== ${title}\n`),
  note() {},
  bytes() {},
  end() {},
  beside: () => talk,
};

/** What both baked against a port where nobody answers: no real machine is started for these. */
async function bakeUnanswered(
  t: ExecutionContext,
  moto: Moto,
  { os, signal, progress = talk }: { os: string; signal?: AbortSignal; progress?: Progress },
): Promise<{ out: string; error: unknown }> {
  t.timeout(900_000);
  await ensureMirror(t);
  const out = await folderBesideImages(t);
  setEnvironment(t, moto);
  const gate = createGate(signal === undefined ? {} : { signal });
  const settings = resolveBuilderSettings({
    flags: { region: 'us-east-1', adminCidr: ['203.0.113.7/32'] },
    config: { builder: { sshHost: '127.0.0.1', sshPort: await freePort() } },
  });
  const baking = bakeAmi({
    ...(await resolveSpec({ os, network: 'routed', mirror: MIRROR })),
    gate,
    progress,
    api: openAws({ gate, region: settings.region }),
    settings,
    mirror: MIRROR,
    out,
    sshTimeout: signal === undefined ? '15s' : '10m',
  });
  return { out, error: await baking.catch((error: unknown) => error) };
}

test.serial('centos7: as far as its base allows here, and then nothing is left', async (t) => {
  const bases = baseImages('centos7', 'CentOS Linux 7 x86_64 - *');
  const moto = await startMoto(t, { images: Object.values(bases) });
  const { out, error } = await bakeUnanswered(t, moto, { os: 'centos7' });
  t.like(error, { code: 'COMMAND_FAILED' });
  t.regex((error as Error).message, /Timeout waiting for SSH/);
  const requests = await moto.requests();
  await checkPolicy(t, requests);
  const launched = requests.filter(({ action }) => action === 'ec2:RunInstances');
  t.is(launched.length, 1);
  t.is(launched[0]?.parameters.ImageId, bases.newest.ami_id);
  const userData = Buffer.from(launched[0]?.parameters.UserData ?? '', 'base64').toString();
  t.regex(userData, /^#cloud-config\n[\s\S]*\nssh_authorized_keys: \['ssh-ed25519 /);
  t.false(requests.some(({ action }) => action === 'ec2:CreateImage'));
  t.deepEqual(await leftovers(moto), NO_LEFTOVERS);
  t.deepEqual(await ownImages(moto), []);
  t.deepEqual(await readdir(out), []);
});

test.serial('interrupted while the builder runs: no instance, group, key, AMI or folder', async (t) => {
  const moto = await startMoto(t, { images: Object.values(baseImages('debian12', 'debian-12-amd64-*')) });
  const stop = new AbortController();
  let during: unknown;
  const progress: Progress = {
    ...talk,
    step(title) {
      talk.step(title);
      if (!title.startsWith('Waiting for SSH')) return;
      void leftovers(moto).then((found) => {
        during = found;
        stop.abort();
      });
    },
  };
  const { out, error } = await bakeUnanswered(t, moto, { os: 'debian12', signal: stop.signal, progress });
  t.like(error, { code: 'INTERRUPTED' });
  t.like(during, { instances: { length: 1 }, securityGroups: { length: 1 } });
  t.deepEqual(await leftovers(moto), NO_LEFTOVERS);
  t.deepEqual(await ownImages(moto), []);
  t.deepEqual(await readdir(out), []);
  t.deepEqual(
    (await readdir(tmpdir())).filter((name) => name.startsWith('kiln-packer-')),
    [],
  );
});

function setEnvironment(t: ExecutionContext, { env }: Moto): void {
  const before = { ...process.env };
  Object.assign(process.env, env);
  t.teardown(() => {
    for (const name of Object.keys(env)) {
      if (before[name] === undefined) delete process.env[name];
      else process.env[name] = before[name];
    }
  });
}
