import { readdirSync, readFileSync } from 'node:fs';
import test, { type ExecutionContext } from 'ava';
import { bootImage } from '../../src/boot/boot-image.js';
import { formatBootReport, unitOf } from '../../src/boot/format-boot-report.js';
import { roleProblems } from '../../src/boot/role-problems.js';
import type { BootReport } from '../../src/boot/types.js';
import { createGate } from '../../src/gate/gate.js';
import { renderMetaData, renderUserData } from '../../src/launch/render-user-data.js';
import { silentProgress } from '../../src/progress.js';
import { bakeFromDebian } from '../helpers/baked-image.js';

/** The image the bake tests made; baked first where it is missing. */
const DEBIAN12 = ['--os', 'debian12', '--engine', 'mkosi'];

/** Boots the finished image once with user data that writes these roles' markers and nothing else. */
async function boot(t: ExecutionContext, roles: readonly string[], os = DEBIAN12): Promise<BootReport> {
  const { disk, plan } = await bakeFromDebian(t, os);
  const before = temporaryFolders();
  const userData = renderUserData({ roles, cluster: 'kiln' });
  const metaData = renderMetaData({ instanceId: 'kiln-test', hostname: 'node1' });
  const report = await bootImage({
    gate: createGate({}),
    disk,
    userData,
    metaData,
    progress: silentProgress,
  });
  if (report === undefined) throw new Error('the gate was a dry run');
  t.log(formatBootReport(report, plan));

  t.true(report.reached);
  t.true(report.poweredOff);
  t.deepEqual(roleProblems(report, plan), []);
  t.deepEqual(report.failedUnits, []);
  t.deepEqual(report.restartedUnits, []);
  t.deepEqual(report.unfinishedJobs, []);
  t.deepEqual(report.orderingCycles, []);
  t.deepEqual(report.unknownDirectives, []);
  t.deepEqual(report.cloudInit.errors, []);
  t.deepEqual(report.cloudInit.warnings, []);
  const expected = plan.roles.filter(({ name }) => roles.includes(name)).map(({ marker }) => marker);
  t.deepEqual(Object.keys(report.markers).sort(), expected.sort());
  t.is(unitOf(report, 'kube-role.service').state, 'ran');
  t.deepEqual(temporaryFolders(), before);
  return report;
}

function statesOf(report: BootReport, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, unitOf(report, `${name}.service`).state]));
}

const CONTROL_PLANE = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler'];
const NODE = ['containerd', 'kubelet', 'kube-proxy'];

test.serial('as a master', async (t) => {
  const report = await boot(t, ['master']);
  t.deepEqual(statesOf(report, NODE), { containerd: 'skipped', kubelet: 'skipped', 'kube-proxy': 'skipped' });
  // Its role lets them start; without a cluster's identity they wait for one, which is all that may hold them back.
  for (const name of CONTROL_PLANE) {
    t.is(unitOf(report, `${name}.service`).reason, 'ConditionPathExists=/run/kubernetes/identity', name);
  }
});

test.serial('as a minion', async (t) => {
  const report = await boot(t, ['minion']);
  t.is(unitOf(report, 'containerd.service').state, 'running');
  t.is(unitOf(report, 'kubelet.service').reason, 'ConditionPathExists=/run/kubernetes/identity');
  for (const name of CONTROL_PLANE) t.is(unitOf(report, `${name}.service`).state, 'skipped', name);
});

test.serial('Debian 13 as a master', async (t) => {
  const report = await boot(t, ['master'], ['--os', 'debian13', '--engine', 'mkosi']);
  for (const name of CONTROL_PLANE) {
    t.is(unitOf(report, `${name}.service`).reason, 'ConditionPathExists=/run/kubernetes/identity', name);
  }
});

test.serial('with no marker', async (t) => {
  const report = await boot(t, []);
  for (const name of [...CONTROL_PLANE, ...NODE])
    t.is(unitOf(report, `${name}.service`).state, 'skipped', name);
});

test.serial('an interrupted boot leaves no machine and no files', async (t) => {
  const { disk } = await bakeFromDebian(t, DEBIAN12);
  const before = temporaryFolders();
  const machines = machinesOnCopies();
  const controller = new AbortController();
  const gate = createGate({ signal: controller.signal });
  setTimeout(() => controller.abort(new Error('stopped')), 8000);
  await t.throwsAsync(
    bootImage({
      gate,
      disk,
      userData: '#cloud-config\n{}\n',
      metaData: '',
      accelerator: 'tcg',
      progress: silentProgress,
    }),
  );
  t.deepEqual(temporaryFolders(), before);
  t.deepEqual(machinesOnCopies(), machines);
});

/** Where boots keep their copies: others may be running beside this test. */
function temporaryFolders(): string[] {
  return readdirSync(process.env.TMPDIR || '/var/tmp').filter((name) => name.startsWith('kiln-boot-'));
}

/** Process ids of the machines that run on such a copy. */
function machinesOnCopies(): string[] {
  return readdirSync('/proc').filter(
    (pid) => /^\d+$/.test(pid) && /^qemu-system.*kiln-boot-/s.test(commandLine(pid)),
  );
}

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}
