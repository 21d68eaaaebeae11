import { createHash } from 'node:crypto';
import type { GuestFacts, GuestFile, GuestUnit } from '../../../src/boot/probe/guest-facts.js';
import type { BootedUnit, BootReport } from '../../../src/boot/types.js';
import { loadComponents, loadOs } from '../../../src/catalog/load-catalog.js';
import type { Plan, PlannedFile } from '../../../src/plan/types.js';
import type { BootCell } from '../../../src/test-image/types.js';
import { bootedUnit } from './boot-of-plan.js';

const DISK_BYTES = 4_500_000_000;

export function factsOf(plan: Plan, cell: BootCell, boot: BootReport): GuestFacts {
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
