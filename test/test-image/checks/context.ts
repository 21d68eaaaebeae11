import { createHash } from 'node:crypto';
import type { GuestFacts, GuestFile, GuestUnit } from '../../../src/boot/probe/guest-facts.js';
import type { BootedUnit, BootReport } from '../../../src/boot/types.js';
import { loadComponents, loadOs } from '../../../src/catalog/load-catalog.js';
import type { Plan, PlannedFile } from '../../../src/plan/types.js';
import { runBootChecks } from '../../../src/test-image/checks/run-checks.js';
import type { BootCell, BootContext, CheckResult } from '../../../src/test-image/types.js';
import { planOf } from '../../helpers/plans.js';

/** A context with a probe in it, which is what most tests change. */
export type ProbedContext = BootContext & { facts: GuestFacts };

const IDENTITY = 'ConditionPathExists=/run/kubernetes/identity';
const ONESHOTS = [
  'kube-images.service',
  'kube-role.service',
  'kube-identity.service',
  'kiln-host-keys.service',
];
const IMAGE_BYTES = 3_500_000_000;
const DISK_BYTES = 4_500_000_000;

const plans = new Map<string, Plan>();

/** A node of these roles, booted right: what every check must pass. Fresh each time, free to be changed. */
export function goodContext({
  os = 'debian12',
  network = 'routed',
  roles = ['minion'],
  refusedWith = undefined as string | undefined,
  markers = undefined as Record<string, string> | undefined,
} = {}): ProbedContext {
  const key = `${os} ${network}`;
  const known = plans.get(key) ?? planOf(os, { network });
  plans.set(key, known);
  const plan = structuredClone(known);
  const cell = cellOf(plan, roles, refusedWith, markers);
  const boot = bootOf(plan, cell);
  return { plan, cell, rig: 'qemu', boot, facts: factsOf(plan, cell, boot), imageBytes: IMAGE_BYTES };
}

/** The same machine without a seed: no user data, no probe. */
export function seedlessContext(): BootContext {
  const { facts: _, ...context } = goodContext({ roles: [] });
  const cell: BootCell = { ...context.cell, name: 'no-seed', seed: 'none', userData: '' };
  const cloudInit = { datasource: undefined, errors: [], warnings: [] };
  return { ...context, cell, boot: { ...context.boot, cloudInit }, facts: undefined };
}

/** The second boot of the disk of a context. */
export function rebootedContext(options: Parameters<typeof goodContext>[0] = {}): ProbedContext {
  const first = goodContext(options);
  const second = structuredClone(first);
  second.facts.machine.bootId = 'b2b2b2b2-0000-4000-8000-000000000002';
  return { ...second, before: { boot: first.boot, facts: first.facts } };
}

/** What one check says. */
export function checked(context: BootContext, name: string): CheckResult {
  const result = runBootChecks(context).find(({ check }) => check === name);
  if (result === undefined) throw new Error(`There is no check ${name}`);
  return result;
}

/** What one check has to say against the context: `subject: message`. */
export function problemsOf(context: BootContext, name: string): string[] {
  return checked(context, name).problems.map(({ subject, message }) => `${subject}: ${message}`);
}

/** The unit of a context as systemd and as the journal have it, to be changed. */
export function unitsOf(context: ProbedContext, name: string): { now: GuestUnit; logged: BootedUnit } {
  const now = context.facts.units.find((unit) => unit.name === name);
  const logged = context.boot.units.find((unit) => unit.name === name);
  if (now === undefined || logged === undefined) throw new Error(`There is no unit ${name}`);
  return { now, logged };
}

/** The unit runs, whatever its gates say. */
export function startUnit(context: ProbedContext, name: string): void {
  const { now, logged } = unitsOf(context, name);
  Object.assign(now, { active: 'active', sub: 'running', conditions: true });
  Object.assign(logged, { state: 'running', reason: '' });
}

/** The unit failed, with these last words. */
export function failUnit(context: ProbedContext, name: string, words: string): void {
  const { now, logged } = unitsOf(context, name);
  Object.assign(now, { active: 'failed', sub: 'failed', result: 'exit-code' });
  Object.assign(logged, { state: 'failed', reason: 'result exit-code' });
  context.boot.failedUnits.push(name);
  context.boot.failureLogs[name] = [words];
  context.facts.systemState = 'degraded';
}

function cellOf(
  plan: Plan,
  roles: string[],
  refusedWith: string | undefined,
  markers: Record<string, string> | undefined,
): BootCell {
  const ofRoles = plan.roles.filter(({ name }) => roles.includes(name)).map(({ marker }) => marker);
  return {
    name: roles.join('-') || 'idle',
    title: 'a cell of the tests',
    seed: 'user-data',
    userData: '#cloud-config\n',
    markers: markers ?? Object.fromEntries(ofRoles.map((marker) => [marker, 'CLUSTER_NAME=test'])),
    roles,
    ...(refusedWith === undefined ? {} : { refusedWith }),
    reboot: false,
  };
}

function bootOf(plan: Plan, cell: BootCell): BootReport {
  const gated = plan.roles.flatMap((role) => role.units);
  const every = plan.enabledUnits.filter((name) => !gated.includes(name));
  const refused = cell.refusedWith === undefined ? [] : ['kube-role.service'];
  const units = [
    ...every.map((name) => bootedUnit(name, ONESHOTS.includes(name) ? 'ran' : 'running', '')),
    ...[...new Set(gated)].map((name) => roleUnit(name, plan, cell)),
  ].map((unit) =>
    refused.includes(unit.name) ? { ...unit, state: 'failed' as const, reason: 'result exit-code' } : unit,
  );
  return {
    accelerator: 'tcg',
    reached: true,
    poweredOff: true,
    units,
    failedUnits: refused,
    failureLogs: Object.fromEntries(refused.map((name) => [name, [`kiln: FAILED: ${cell.refusedWith}`]])),
    restartedUnits: [],
    orderingCycles: [],
    unknownDirectives: [],
    unfinishedJobs: [],
    seconds: { kernel: 2, initrd: 3, userspace: 20, cloudInit: { init: 2 }, toLogin: 30 },
    cloudInit: { datasource: 'DataSourceNoCloud [seed=/dev/vdb]', errors: [], warnings: [] },
    markers: structuredClone(cell.markers),
    consoleTail: ['node1 login: '],
  };
}

/** As systemd 252 words it: the last condition of the unit that is not met, unnamed where one of several would do. */
function roleUnit(name: string, plan: Plan, cell: BootCell): BootedUnit {
  const owners = plan.roles.filter((role) => role.units.includes(name));
  const wanted = cell.refusedWith === undefined && owners.some((role) => cell.roles.includes(role.name));
  if (name === 'keepalived.service') {
    return bootedUnit(name, 'skipped', 'ConditionFileNotEmpty=/etc/kubernetes/keepalived.conf');
  }
  if (!wanted) {
    const marker = owners[0]?.marker ?? '';
    const missing = owners.length === 1 && !(marker in cell.markers) ? marker : '/run/kubernetes/node.env';
    const unnamed = owners.length > 1 && cell.roles.length > 0;
    return bootedUnit(
      name,
      'skipped',
      unnamed ? 'none of its conditions was met' : `ConditionPathExists=${missing}`,
    );
  }
  const identity = plan.files.some(({ path }) => path.endsWith(`/${name}.d/05-identity.conf`));
  if (identity) return bootedUnit(name, 'skipped', IDENTITY);
  return bootedUnit(name, ONESHOTS.includes(name) ? 'ran' : 'running', '');
}

function bootedUnit(name: string, state: BootedUnit['state'], reason: string): BootedUnit {
  return { name, state, reason, at: 10, restarts: 0 };
}

function factsOf(plan: Plan, cell: BootCell, boot: BootReport): GuestFacts {
  return {
    clock: { guest: 1_790_000_000.5, host: 1_790_000_000 },
    thorough: true,
    uptime: 60,
    kernel: '6.1.0-kiln',
    hostname: 'node1',
    systemState: cell.refusedWith === undefined ? 'running' : 'degraded',
    units: [...boot.units.map((unit) => guestUnit(unit, plan)), ...plan.maskedUnits.map(maskedUnit)],
    sysctls: sysctlsOf(plan, cell),
    modules: plan.expected.modules.map((name) => name.replaceAll('-', '_')),
    files: plan.files.map((file) => guestFile(file, plan)),
    programs: programsOf(plan),
    swaps: [],
    sockets: [
      ...(['0.0.0.0', '::'] as const).map((address) => ({
        protocol: 'tcp' as const,
        address,
        port: 22,
        process: 'sshd',
      })),
      { protocol: 'udp', address: '127.0.0.53', port: 53, process: 'systemd-resolve' },
      { protocol: 'tcp', address: '127.0.0.54', port: 53, process: 'systemd-resolve' },
      { protocol: 'udp', address: '10.0.2.15', port: 68, process: 'systemd-network' },
      { protocol: 'udp', address: '::1', port: 323, process: 'chronyd' },
      ...(cell.roles.includes('minion')
        ? [{ protocol: 'tcp' as const, address: '127.0.0.1', port: 34_803, process: 'containerd' }]
        : []),
      ...(cell.roles.includes('lb')
        ? [{ protocol: 'tcp' as const, address: '0.0.0.0', port: 6443, process: 'haproxy' }]
        : []),
    ],
    time: { synchronised: true, source: '10.0.2.2', detail: '0.000012 seconds slow of NTP time' },
    firewall: {
      tools: ['iptables-save'],
      nft: '',
      iptables: '*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\nCOMMIT',
    },
    selinux: plan.expected.selinux,
    apparmor: loadOs(plan.spec.os).security.apparmor,
    cgroup: plan.expected.cgroup,
    cloudInit: { status: 'done', datasource: 'DataSourceNoCloud [seed=/dev/vdb]', errors: [], warnings: [] },
    machine: {
      machineId: '1'.repeat(32),
      bootId: 'b1b1b1b1-0000-4000-8000-000000000001',
      hostKeys: ['SHA256:ed25519', 'SHA256:ecdsa'],
      macs: { ens3: '52:54:00:00:00:01' },
      randomSeed: 'a'.repeat(64),
    },
    root: {
      device: '/dev/vda2',
      filesystem: 'ext4',
      partitionStart: 537_919_488,
      partitionBytes: DISK_BYTES - 537_919_488 - 1_000_000,
      filesystemBytes: DISK_BYTES - 537_919_488 - 1_000_000,
      diskBytes: DISK_BYTES,
    },
  };
}

function guestUnit({ name, state }: BootedUnit, plan: Plan): GuestUnit {
  const up = ['ran', 'running'].includes(state);
  const folder = `/usr/lib/systemd/system/${name}`;
  return {
    name,
    load: 'loaded',
    active: state === 'failed' ? 'failed' : up ? 'active' : 'inactive',
    sub: state === 'failed' ? 'failed' : state === 'ran' ? 'exited' : up ? 'running' : 'dead',
    result: state === 'failed' ? 'exit-code' : 'success',
    conditions: up || state === 'failed',
    restarts: 0,
    started: up ? 9 : undefined,
    activated: up ? 10 : undefined,
    job: false,
    fragment: folder,
    dropins: plan.files.map(({ path }) => path).filter((path) => path.startsWith(`${folder}.d/`)),
  };
}

function maskedUnit(name: string): GuestUnit {
  return {
    ...guestUnit(bootedUnit(name, 'not-started', ''), { files: [] as PlannedFile[] } as Plan),
    load: 'masked',
  };
}

function sysctlsOf(plan: Plan, cell: BootCell): Record<string, string> {
  const ofRole = cell.roles.includes('lb') ? { 'net.ipv4.ip_nonlocal_bind': '1' } : {};
  return { ...plan.expected.sysctls, ...ofRole };
}

function guestFile(file: PlannedFile, plan: Plan): GuestFile {
  if (file.type === 'link') {
    const { path, target } = file;
    return { path, type: 'link', mode: '0777', owner: 'root', group: 'root', target };
  }
  const [owner = '', group = ''] = file.owner.split(':');
  const found = { path: file.path, mode: file.mode, owner, group };
  if (file.type === 'directory') return { ...found, type: 'directory' };
  if ('content' in file) {
    return { ...found, type: 'file', sha256: createHash('sha256').update(file.content).digest('hex') };
  }
  const artifact = plan.artifacts.find(({ name }) => name === file.artifact);
  const known = artifact?.kind === 'file' ? artifact.digest.replace('sha256:', '') : 'f'.repeat(64);
  return { ...found, type: 'file', sha256: known };
}

function programsOf(plan: Plan): GuestFacts['programs'] {
  const components = loadComponents();
  return plan.files.flatMap((file) => {
    if (file.type !== 'file' || !('artifact' in file)) return [];
    if (components[file.artifact]?.versionArgs.length === 0) return [];
    const version = plan.artifacts.find(({ name }) => name === file.artifact)?.version;
    return [{ path: file.path, status: 0, output: `version v${version}+ds1\nbuilt with go1.19.8` }];
  });
}
