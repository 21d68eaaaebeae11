import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, open, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import test from 'ava';
import { makeProbeDisk, readProbeFiles, readProbeStatus } from '../../../src/boot/probe/probe-disk.js';
import { probeRequest } from '../../../src/boot/probe/probe-request.js';
import { createGate } from '../../../src/gate/gate.js';
import { planOf } from '../../helpers/plans.js';

const run = promisify(execFile);
const gate = createGate({});
const REQUEST = {
  units: ['etcd.service'],
  sysctls: ['net.ipv4.ip_forward'],
  paths: ['/etc/a b'],
  programs: [['/usr/local/bin/kubectl', 'version', '--client']],
  thorough: true,
  timeServer: { address: '10.0.2.2', port: 4123 },
};

async function makeDisk(t: {
  teardown(work: () => Promise<void>): void;
}): Promise<{ folder: string; disk: string }> {
  const folder = await mkdtemp(path.join(tmpdir(), 'kiln-test-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  return { folder, disk: await makeProbeDisk(gate, folder, REQUEST) };
}

test('the guest can unpack the probe and its lists from the start of the disk', async (t) => {
  const { folder, disk } = await makeDisk(t);
  await run('tar', ['-xf', disk, '-C', folder]);
  t.is(await readFile(path.join(folder, 'paths'), 'utf8'), '/etc/a b\n');
  t.is(await readFile(path.join(folder, 'programs'), 'utf8'), '/usr/local/bin/kubectl version --client\n');
  t.regex(await readFile(path.join(folder, 'settings'), 'utf8'), /^TIME_PORT=4123$/m);
  t.is((await stat(path.join(folder, 'collect'))).mode & 0o777, 0o755);
});

/** What `collect` does at its end. */
async function answer(disk: string, folder: string, size?: number): Promise<void> {
  await run('tar', ['-cf', path.join(folder, 'facts.tar'), '-C', folder, './probe.img.facts']);
  const facts = await readFile(path.join(folder, 'facts.tar'));
  const digest = createHash('sha256').update(facts).digest('hex');
  const settings = await run('tar', ['-xOf', disk, 'settings']);
  const block = (name: string): number =>
    Number(new RegExp(`^${name}=(\\d+)$`, 'm').exec(settings.stdout)?.[1]) * 512;
  const handle = await open(disk, 'r+');
  await handle.write(facts, 0, facts.length, block('FACTS_BLOCK'));
  await handle.write(`KILN-PROBE finished ${size ?? facts.length} ${digest} 17.5\n`, block('STATUS_BLOCK'));
  await handle.close();
}

test('the host sees how far the guest is, and reads what it wrote', async (t) => {
  const { folder, disk } = await makeDisk(t);
  t.deepEqual(await readProbeStatus(disk), { state: 'none' });
  await run('sh', ['-c', 'echo 10.1 1.0 > "$1/probe.img.facts"', 'sh', folder]);
  await answer(disk, folder);
  const status = await readProbeStatus(disk);
  if (status.state !== 'finished') return t.fail(status.state);
  t.is(status.at, 17.5);
  t.deepEqual([...(await readProbeFiles(disk, status))], [['probe.img.facts', '10.1 1.0\n']]);
});

test('damaged facts are refused', async (t) => {
  const { folder, disk } = await makeDisk(t);
  await run('sh', ['-c', 'echo x > "$1/probe.img.facts"', 'sh', folder]);
  await answer(disk, folder, 512);
  const status = await readProbeStatus(disk);
  if (status.state !== 'finished') return t.fail(status.state);
  await t.throwsAsync(readProbeFiles(disk, status), { code: 'BOOT_FAILED' });
});

test('what the probe is asked follows from the plan', (t) => {
  const plan = planOf('debian12');
  const { units, sysctls, paths, programs } = probeRequest(plan, { thorough: true });
  t.deepEqual(
    paths,
    plan.files.map((file) => file.path),
  );
  // A key only a load balancer needs is asked for too.
  t.deepEqual(sysctls, [...Object.keys(plan.expected.sysctls), 'net.ipv4.ip_nonlocal_bind']);
  for (const { units: ofRole } of plan.roles) for (const unit of ofRole) t.true(units.includes(unit), unit);
  t.deepEqual(programs.find(([name]) => name === '/usr/local/bin/kubectl')?.slice(1), [
    'version',
    '--client',
  ]);
  t.deepEqual(probeRequest(plan, { thorough: false }).programs, []);
  t.false(programs.some(([name]) => name?.startsWith('/opt/cni/bin/')));
});
