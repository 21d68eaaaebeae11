import test from 'ava';
import { formatBootReport, unitOf } from '../../src/boot/format-boot-report.js';
import { roleProblems } from '../../src/boot/role-problems.js';
import type { BootedUnit, BootReport } from '../../src/boot/types.js';

const MASTER = '/etc/sysconfig/kubernetes-master';
const MINION = '/etc/sysconfig/kubernetes-minion';
const plan = {
  roles: [
    { name: 'master', marker: MASTER, units: ['etcd.service', 'kube-apiserver.service'] },
    { name: 'minion', marker: MINION, units: ['kubelet.service'] },
  ],
  enabledUnits: ['etcd.service', 'kube-role.service', 'kubelet.service', 'ssh.service'],
};

function unit(name: string, state: BootedUnit['state'], reason = '', restarts = 0): BootedUnit {
  return { name, state, reason, at: 12.34, restarts };
}

function reportOf(
  units: BootedUnit[],
  markers: Record<string, string> = { [MASTER]: 'CLUSTER_NAME=kiln' },
): BootReport {
  return {
    accelerator: 'tcg',
    reached: true,
    poweredOff: true,
    units,
    failedUnits: [],
    failureLogs: {},
    restartedUnits: [],
    orderingCycles: [],
    unknownDirectives: [],
    unfinishedJobs: [],
    seconds: { kernel: 1.5, initrd: undefined, userspace: 20, cloudInit: { init: 2 }, toLogin: 41.2 },
    cloudInit: { datasource: 'DataSourceNoCloud', errors: [], warnings: [] },
    markers,
    consoleTail: [],
  };
}

const SOUND = [
  unit('etcd.service', 'running'),
  unit('kube-apiserver.service', 'skipped', 'ConditionPathExists=/run/kubernetes/identity'),
  unit('kubelet.service', 'skipped', 'ConditionPathExists=/run/kubernetes/identity'),
  unit('kube-role.service', 'ran'),
];

test('the whole report', (t) => {
  t.is(
    formatBootReport(reportOf(SOUND), plan),
    `markers      ${MASTER}
booted       emulated (no usable KVM), to the login prompt
cloud-init   DataSourceNoCloud
seconds      kernel 1.5, userspace 20.0, cloud-init init 2.0, to the login prompt 41.2

UNIT                    ROLE    STATE        AT      WHY
etcd.service            master  running      12.3 s
kube-apiserver.service  master  skipped      12.3 s  ConditionPathExists=/run/kubernetes/identity
kube-role.service       every   ran          12.3 s
kubelet.service         other   skipped      12.3 s  ConditionPathExists=/run/kubernetes/identity
ssh.service             every   not-started  -       nothing asked for it

against the roles: none
failed units: none
restarted units: none
start jobs that never ended: none
ordering cycles: none
directives systemd did not know: none
cloud-init errors: none
cloud-init warnings: none`,
  );
});

test('problems are listed, and a boot that never came up says so', (t) => {
  const report = {
    ...reportOf(SOUND),
    reached: false,
    poweredOff: false,
    failedUnits: ['x.service'],
    failureLogs: { 'x.service': ['no route'] },
  };
  const text = formatBootReport(report, plan);
  t.regex(text, /but never showed a login prompt; did not power off when asked/);
  t.regex(text, /failed units: 1\n {2}x\.service\n {4}\| no route\n/);
});

test('a unit the journal does not mention was not started', (t) => {
  t.like(unitOf(reportOf([]), 'etcd.service'), { state: 'not-started' });
});

test('a unit that ran without its marker', (t) => {
  for (const state of ['running', 'ran', 'starting', 'restarting', 'failed'] as const) {
    const units = [...SOUND.filter(({ name }) => name !== 'kubelet.service'), unit('kubelet.service', state)];
    t.deepEqual(roleProblems(reportOf(units), plan), [
      `kubelet.service is ${state} without a marker of its roles`,
    ]);
  }
  t.deepEqual(roleProblems(reportOf(SOUND), plan), []);
});

test('a unit its own gate held back, and one nobody started', (t) => {
  for (const reason of ['none of its conditions was met', `ConditionPathExists=${MASTER}`]) {
    const units = [unit('etcd.service', 'skipped', reason), ...SOUND.slice(1)];
    t.deepEqual(roleProblems(reportOf(units), plan), [
      'etcd.service was skipped by its role gate, though its marker is there',
    ]);
  }
  t.deepEqual(roleProblems(reportOf(SOUND.slice(1)), plan), [
    'etcd.service was not started, though its marker is there',
  ]);
  t.deepEqual(roleProblems(reportOf([unit('kubelet.service', 'running')], {}), plan), [
    'kubelet.service is running without a marker of its roles',
  ]);
});
