import type { Manifest } from '../../../src/build/manifest/make-manifest.js';
import { makeSbom } from '../../../src/build/manifest/make-sbom.js';
import type { Plan } from '../../../src/plan/types.js';
import type { ReportInput } from '../../../src/test-image/report/render-html.js';
import { tally } from '../../../src/test-image/report/suites.js';
import type { Sbom } from '../../../src/test-image/report/views/parts-view.js';
import type {
  BootAccount,
  CellResult,
  CheckResult,
  Problem,
  TestReport,
} from '../../../src/test-image/types.js';
import { planOf } from '../../helpers/plans.js';
import { manifestOf, packageList } from './manifest-fixture.js';

/** A real plan with a manifest and an SBOM of its size, and a report with everything a report can have. */
export async function fixture(): Promise<ReportInput & { previous: Manifest }> {
  const plan = planOf('debian12');
  const manifest = manifestOf(plan, { packages: packageList(), release: '15' });
  const previous = manifestOf(plan, { packages: packageList().slice(0, -2), release: '13' });
  const distribution = { id: 'debian', codename: 'bookworm', release: '12' };
  const sbom = JSON.parse(await makeSbom({ manifest, distribution })) as Sbom;
  return { report: reportOf(plan), plan, manifest, sbom, previous };
}

export function reportOf(plan: Plan, changes: Partial<TestReport> = {}): TestReport {
  const { os, kubernetes, network, arch } = plan.spec;
  const parts = {
    disk: diskChecks(),
    cells: cells(plan),
    clones: [passed('clones-differ', 'Two clones differ', 4)],
    ...changes,
  };
  const all = [...parts.disk, ...parts.cells.flatMap(({ checks }) => checks), ...parts.clones];
  return {
    schema: 1,
    image: {
      folder: '/images/debian12',
      planId: plan.id,
      name: `${os}-${kubernetes}-${network}-${arch}-mkosi-${plan.id.slice(7, 15)}`,
      os,
      kubernetes,
      network,
      arch,
    },
    at: '2026-11-21T12:50:07.123Z',
    accelerator: 'tcg',
    left: [{ cell: 'unknown-role', reason: 'not among the cells asked for with --role' }],
    ...tally(all),
    ...parts,
  };
}

export function emptyReport(plan: Plan): TestReport {
  return reportOf(plan, { disk: [], cells: [], clones: [], left: [] });
}

export function passed(check: string, title: string, examined: number): CheckResult {
  return { check, title, status: 'passed', examined, problems: [], reason: '' };
}

export function failed(check: string, title: string, examined: number, problems: Problem[]): CheckResult {
  return { check, title, status: 'failed', examined, problems, reason: '' };
}

export function skipped(check: string, title: string, reason: string): CheckResult {
  return { check, title, status: 'skipped', examined: 0, problems: [], reason };
}

function diskChecks(): CheckResult[] {
  return [
    passed('disk-hygiene', 'Nothing identifies a machine', 16_037),
    passed('disk-partitions', 'Partition table', 2),
    passed('disk-filesystem', 'File systems are clean', 2),
    failed('disk-drivers', 'Drivers in the initramfs', 6, [
      {
        subject: 'ena',
        message: 'Expected the driver in the initramfs, found it only below /usr/lib/modules',
        hint: 'Add `ena` to the modules of the initramfs in catalog/mkosi.yaml.',
      },
    ]),
    skipped('disk-grow', 'Grows to a larger disk', 'needs 8 GiB of free space, there are 3.1 GiB'),
  ];
}

const CELLS: [name: string, title: string, roles: string[], reboot: boolean][] = [
  ['no-marker', 'No marker: the node stays idle', [], false],
  ['etcd', 'An etcd node', ['etcd'], true],
  ['master', 'A master', ['master'], true],
  ['minion', 'A minion', ['minion'], true],
  ['lb', 'A load balancer', ['lb'], false],
  ['master-minion', 'Master and minion on one node', ['master', 'minion'], false],
  ['misspelt-marker', 'A misspelt marker is refused', [], false],
  ['no-cluster-name', 'A marker without a cluster name is refused', [], false],
  ['no-user-data', 'No user data at all', [], false],
];

function cells(plan: Plan): CellResult[] {
  return CELLS.flatMap(([name, title, roles, reboot]) => {
    const first = cellOf(plan, name, title, roles, 1);
    return reboot ? [first, cellOf(plan, name, title, roles, 2)] : [first];
  });
}

function cellOf(plan: Plan, name: string, title: string, roles: string[], boot: 1 | 2): CellResult {
  const account = accountOf(plan, roles, boot);
  return {
    cell: name,
    title,
    rig: 'qemu',
    boot,
    duration: 78.4 + name.length + boot,
    checks: bootChecks(plan, name, roles, boot),
    account,
    consoleTail: CONSOLE,
  };
}

/** As a serial console really prints it: colours, carriage returns, brackets. */
const CONSOLE = [
  '[\u001b[0;32m  OK  \u001b[0m] Started \u001b[0;1;39mssh.service\u001b[0m - OpenBSD Secure Shell server.\r',
  '[\u001b[0;1;31mFAILED\u001b[0m] Failed to start \u001b[0;1;39mkube-scheduler.service\u001b[0m.\r',
  'See "systemctl status kube-scheduler.service" for details.',
  '[   41.208335] cloud-init[412]: <script>alert(1)</script> & more',
  '',
  'Debian GNU/Linux 12 node-1 ttyS0',
  'node-1 login: ',
];

function bootChecks(plan: Plan, name: string, roles: string[], boot: 1 | 2): CheckResult[] {
  const isMaster = roles.includes('master');
  const noSeed = name === 'no-user-data';
  const why = 'nothing could be read inside the guest: there was no seed to bring the probe';
  const check = (key: string, title: string, examined: number): CheckResult =>
    noSeed ? skipped(key, title, why) : passed(key, title, examined);
  return [
    passed('boot-reached', 'Reaches the login prompt', 1),
    isMaster
      ? failed('role-units', 'Units run as the roles say', 25, [
          {
            subject: 'kube-scheduler.service',
            message: 'Expected active, found failed (exit-code) after 3 restarts',
            hint: 'Read its log: `journalctl -u kube-scheduler`.',
          },
        ])
      : check('role-units', 'Units run as the roles say', 25),
    check('ordering-cycles', 'No ordering cycle', 212),
    check('planned-files', 'Planned files are as planned', plan.files.length),
    check('program-versions', 'Programs are the pinned versions', 11),
    name === 'minion' || name === 'master'
      ? failed('sysctls', 'Kernel settings in force', Object.keys(plan.expected.sysctls).length, [
          {
            subject: 'net.ipv4.conf.all.rp_filter',
            message: 'Expected 0, found 2: /usr/lib/sysctl.d/50-default.conf sorts later',
            hint: 'Name the file 99-kubernetes.conf.',
          },
          { subject: 'vm.overcommit_memory', message: 'Expected 1, found 0' },
        ])
      : check('sysctls', 'Kernel settings in force', Object.keys(plan.expected.sysctls).length),
    check('modules', 'Kernel modules are loaded', plan.expected.modules.length),
    check('swap', 'Swap is off', 1),
    check('time', 'The clock is kept', 1),
    isMaster && boot === 1
      ? failed('listening-sockets', 'Listens where planned, nowhere else', 9, [
          { subject: 'tcp 0.0.0.0:9999', message: 'Expected nothing, found `nc` listening' },
        ])
      : check('listening-sockets', 'Listens where planned, nowhere else', 9),
    check('cloud-init', 'cloud-init finished without a warning', 4),
    boot === 2
      ? check('reboot', 'A reboot regenerates nothing', 5)
      : skipped('reboot', 'A reboot regenerates nothing', 'only looked at on the second boot'),
    roles.length === 0
      ? skipped('boot-budget', 'Boot time within its budget', 'no role, no budget')
      : name === 'lb'
        ? failed('boot-budget', 'Boot time within its budget', 4, [
            {
              subject: 'userspace',
              message: 'Expected at most 9.0 times the kernel stage, found 11.2 times',
            },
          ])
        : check('boot-budget', 'Boot time within its budget', 4),
  ];
}

function accountOf(plan: Plan, roles: string[], boot: 1 | 2): BootAccount {
  const units = [
    ...new Set(plan.roles.filter(({ name }) => roles.includes(name)).flatMap((role) => role.units)),
  ];
  const slower = boot === 1 ? 1 : 0.8;
  return {
    stages: [
      { name: 'kernel', seconds: 4.213 * slower },
      { name: 'initrd', seconds: 7.87 },
      { name: 'userspace', seconds: (31.42 + 3 * units.length) * slower },
    ],
    cloudInit: [
      { name: 'init-local', seconds: 4.02 },
      { name: 'init', seconds: 3.3 },
      { name: 'modules-config', seconds: 1.204 },
      { name: 'modules-final', seconds: 0.61 },
    ],
    units: units.map((name, index) => ({
      name,
      started: (24 + 1.7 * index) * slower,
      active: (24.6 + 1.7 * index + (index % 3) * 4.1) * slower,
    })),
  };
}
