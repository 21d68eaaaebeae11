import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import test, { type ExecutionContext } from 'ava';
import { bootImage } from '../../../src/boot/boot-image.js';
import type { Boot } from '../../../src/boot/boot-once.js';
import { makeSeed } from '../../../src/boot/make-seed.js';
import { probeRequest } from '../../../src/boot/probe/probe-request.js';
import { readReport } from '../../../src/boot/read-report.js';
import type { MachineDisk, Rig } from '../../../src/boot/rig.js';
import { ensureUserModeLinux } from '../../../src/boot/uml/ensure-user-mode-linux.js';
import { umlRig } from '../../../src/boot/uml/uml-rig.js';
import type { VirtualMachine } from '../../../src/boot/virtual-machine.js';
import { createGate } from '../../../src/gate/gate.js';
import { renderMetaData, renderUserData } from '../../../src/launch/render-user-data.js';
import { silentProgress } from '../../../src/progress.js';
import { repositoryPath } from '../../../src/repository.js';
import { bakeFromDebian } from '../../helpers/baked-image.js';

/** Needs root, the images of the bake tests (baked first where they are missing) and, once, the Debian archive. */
const DEBIAN12 = ['--os', 'debian12', '--engine', 'mkosi'];
const DEBIAN13 = ['--os', 'debian13', '--engine', 'mkosi'];
const progress = silentProgress;

const MEMORY = 2048;
const GROWTH = 2 ** 30;

/** Boots once as these roles, with the probe inside, and checks what must hold whatever the role is. */
async function boot(t: ExecutionContext, os: readonly string[], roles: readonly string[]): Promise<Boot> {
  const { disk, plan } = await bakeFromDebian(t, os);
  const gate = createGate({});
  const { kernelArguments } = plan;
  const rig = await umlRig(gate, progress, { kernelArguments });
  const kernel = await ensureUserModeLinux({ gate, progress });
  const seed = {
    userData: renderUserData({ roles, cluster: 'kiln' }),
    metaData: renderMetaData({ instanceId: 'kiln-test', hostname: 'node1' }),
  };
  const probe = probeRequest(plan, { thorough: false });
  const [result] = await bootImage({ gate, disk, seed, probe, rig, growBytes: GROWTH, progress });
  if (result === undefined) throw new Error('nothing was booted');
  const { report, facts, duration, mac } = result;
  t.log(`login after ${report.seconds.toLogin} s; from start to end ${duration} s`);

  t.true(report.reached);
  t.true(report.poweredOff);
  t.is(report.units.find(({ name }) => name === 'kube-role.service')?.state, 'ran');
  t.deepEqual(report.failedUnits, []);
  t.deepEqual(report.unfinishedJobs, []);
  t.deepEqual(report.orderingCycles, []);
  t.deepEqual(report.cloudInit.errors, []);
  t.is(report.cloudInit.datasource?.includes('/dev/ubdb'), true);
  t.is(facts?.kernel, kernel.release);
  t.is(facts?.systemState, 'running');
  t.is(facts?.root.device, '/dev/ubda2');
  // The whole disk with its partitions is there, so it is grown as under QEMU; half a GiB of it is the boot partition.
  t.true((facts?.root.filesystemBytes ?? 0) > (facts?.root.diskBytes ?? 0) - GROWTH);
  t.deepEqual(Object.values(facts?.machine.macs ?? {}), [mac]);
  // Its own kernel, but what the plan asks of one is there.
  t.deepEqual(
    plan.expected.modules.filter((name) => !facts?.modules.includes(name)),
    [],
  );
  // Only the host can have told it the time: the guest's clock follows a server on the host's loopback.
  t.is(facts?.time.synchronised, true);
  t.deepEqual(leftovers(), []);
  return result;
}

test.serial('Debian 12 as a master', async (t) => {
  const { report } = await boot(t, DEBIAN12, ['master']);
  t.deepEqual(Object.keys(report.markers), ['/etc/sysconfig/kubernetes-master']);
});

test.serial('Debian 13 as a minion', async (t) => {
  const { report, facts } = await boot(t, DEBIAN13, ['minion']);
  t.deepEqual(Object.keys(report.markers), ['/etc/sysconfig/kubernetes-minion']);
  t.is(facts?.units.find(({ name }) => name === 'containerd.service')?.active, 'active');
});

test.serial('three at once, each a machine of its own', async (t) => {
  const { disk } = await bakeFromDebian(t, DEBIAN12);
  const started = Date.now();
  const machines = await Promise.all([1, 2, 3].map((number) => startMachine(t, disk, number)));
  try {
    await Promise.all(machines.map(({ machine }) => login(machine)));
    t.log(`three logins after ${(Date.now() - started) / 1000} s`);
    for (const { machine } of machines) t.true(((await machine.processorSeconds()) ?? 0) > 1);
    await Promise.all(machines.map(({ machine }) => machine.pressPower()));
    await Promise.all(machines.map(({ machine }) => machine.exited));
    for (const { machine } of machines) t.regex(await machine.console(), /reboot: Restarting system\s*$/);
  } finally {
    await Promise.all(machines.map(({ machine }) => machine.stop()));
  }
  t.deepEqual(leftovers(), []);
});

test.serial('a machine that is stopped without warning has its journal on the disk', async (t) => {
  const { disk } = await bakeFromDebian(t, DEBIAN12);
  const { rig, copy, folder, machine } = await startMachine(t, disk, 1);
  await login(machine);
  t.is(await machine.status(), 'running');
  await sleep(2000);
  await machine.stop();
  t.false(machine.isRunning());
  const raw = await rig.rawDisk({ gate: createGate({}), disk: copy, folder });
  const report = await readReport(createGate({}), raw, folder);
  t.true(report.units.length > 40);
  t.deepEqual(leftovers(), []);
});

test.serial('a kernel that panics ends the machine', async (t) => {
  const { disk } = await bakeFromDebian(t, DEBIAN12);
  const gate = createGate({});
  const rig = await umlRig(gate, progress, { kernelArguments: ['root=/dev/nowhere'] });
  const error = await t.throwsAsync(bootImage({ gate, disk, seed: undefined, rig, progress }), {
    code: 'BOOT_FAILED',
  });
  t.regex(error?.message ?? '', /Unable to mount root fs/);
  t.deepEqual(leftovers(), []);
});

test.serial('an interrupt ends it at once and leaves nothing', async (t) => {
  const { disk } = await bakeFromDebian(t, DEBIAN12);
  const controller = new AbortController();
  const gate = createGate({ signal: controller.signal });
  const rig = await umlRig(gate, progress);
  setTimeout(() => controller.abort(new Error('stopped')), 5000);
  const seed = { userData: '#cloud-config\n{}\n', metaData: '' };
  const begun = Date.now();
  await t.throwsAsync(bootImage({ gate, disk, seed, rig, progress }));
  t.true(Date.now() - begun < 15_000);
  t.deepEqual(leftovers(), []);
});

test.serial('kiln killed outright takes the machine with it', async (t) => {
  const { disk } = await bakeFromDebian(t, DEBIAN12);
  const url = (file: string) => JSON.stringify(pathToFileURL(repositoryPath('dist', 'src', file)).href);
  const code = `
    const { bootImage } = await import(${url('boot/boot-image.js')});
    const { umlRig } = await import(${url('boot/uml/uml-rig.js')});
    const { createGate } = await import(${url('gate/gate.js')});
    const { silentProgress: progress } = await import(${url('progress.js')});
    const gate = createGate({});
    const rig = await umlRig(gate, progress);
    const seed = { userData: '#cloud-config\\n{}\\n', metaData: '' };
    await bootImage({ gate, disk: ${JSON.stringify(disk)}, seed, rig, progress });`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], { stdio: 'inherit' });
  for (let waited = 0; processes().length < 3 && waited < 60_000; waited += 250) await sleep(250);
  await sleep(3000);
  t.true(processes().length >= 3, 'no machine was started: the test shows nothing');
  // Its files are all that nobody is left to remove.
  child.kill('SIGKILL');
  for (let waited = 0; processes().length > 0 && waited < 5000; waited += 100) await sleep(100);
  t.deepEqual(processes(), []);
});

interface Started {
  rig: Rig;
  copy: MachineDisk;
  folder: string;
  machine: VirtualMachine;
}

/** A running master; its folder goes when the test ends. */
async function startMachine(t: ExecutionContext, disk: string, number: number): Promise<Started> {
  const folder = mkdtempSync(path.join(tmpdir(), 'machine-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const gate = createGate({});
  const rig = await umlRig(gate, progress);
  const copy = await rig.copyDisk({ gate, disk, folder, growBytes: 0, progress });
  const mac = `52:54:00:00:00:0${number}`;
  const userData = renderUserData({ roles: ['master'], cluster: 'kiln' });
  const metaData = renderMetaData({ instanceId: `kiln-test-${number}`, hostname: `node${number}` });
  const seed = await makeSeed({ gate, folder, userData, metaData, vendorData: '' });
  const disks = [copy, { file: seed, format: 'raw' as const, readOnly: true }];
  const machine = rig.start({ gate, folder, disks, memoryMiB: MEMORY, mac });
  return { rig, copy, folder, machine };
}

async function login(machine: VirtualMachine): Promise<void> {
  while (!/ login: /.test(await machine.console())) {
    if (!machine.isRunning()) throw new Error(`it ended:\n${await machine.console()}`);
    await sleep(200);
  }
}

/** What this test's machines left: processes, mounts as the host sees them, folders. */
function leftovers(): string[] {
  const mounts = readFileSync('/proc/self/mounts', 'utf8').split('\n');
  const folders = readdirSync(tmpdir()).filter((name) => name.startsWith('kiln-boot-'));
  return [...processes(), ...mounts.filter((line) => line.includes(tmpdir())), ...folders];
}

/** Command lines of all that works on this test's folder: the first process of each machine's namespace among them. */
function processes(): string[] {
  const ids = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && name !== String(process.pid));
  return ids.map(commandLine).filter((line) => line.includes(tmpdir()));
}

function commandLine(pid: string): string {
  try {
    return readFileSync(path.join('/proc', pid, 'cmdline'), 'utf8').replaceAll('\0', ' ');
  } catch {
    return '';
  }
}
