import { parseCloudInit } from '../read-cloud-init.js';
import type {
  GuestCloudInit,
  GuestFacts,
  GuestFile,
  GuestMachine,
  GuestRoot,
  GuestSocket,
} from './guest-facts.js';
import { parseUnits } from './parse-units.js';

/** Reads what the probe's files say. `host` is the host's clock at the moment the guest said it had finished at `guest`. */
export function parseFacts(
  files: ReadonlyMap<string, string>,
  { clock, thorough }: Pick<GuestFacts, 'clock' | 'thorough'>,
): GuestFacts {
  const text = (name: string): string => (files.get(name) ?? '').trim();
  return {
    clock,
    thorough,
    uptime: Number(text('uptime').split(' ')[0]),
    kernel: text('kernel'),
    hostname: text('hostname'),
    systemState: text('system-state'),
    units: parseUnits(text('units')),
    sysctls: parseSysctls(text('sysctls')),
    modules: parseModules(text('modules'), text('modules-builtin')),
    files: parseFiles(text('files'), text('digests')),
    programs: parsePrograms(files),
    swaps: lines(text('swaps'))
      .slice(1)
      .map((line) => line.split(/\s+/)[0] ?? ''),
    sockets: [...parseSockets(text('sockets-tcp'), 'tcp'), ...parseSockets(text('sockets-udp'), 'udp')],
    time: parseTime(text('time-synchronised'), text('time-tracking')),
    firewall: { tools: lines(text('firewall-tools')), nft: text('nft'), iptables: text('iptables') },
    selinux: { '1': 'enforcing', '0': 'permissive' }[text('selinux')] ?? 'absent',
    apparmor: text('apparmor') === 'Y',
    cgroup: { cgroup2fs: 'v2', tmpfs: 'v1' }[text('cgroup')] ?? ('unknown' as const),
    cloudInit: parseStatus(files),
    machine: parseMachine(text),
    root: parseRoot(text('root')),
  } as GuestFacts;
}

function lines(text: string): string[] {
  return text.split('\n').filter((line) => line !== '');
}

function parseSysctls(text: string): Record<string, string> {
  const pairs = lines(text).map((line) => /^(\S+) = (.*)$/.exec(line));
  return Object.fromEntries(pairs.flatMap((match) => (match ? [[match[1], match[2]?.trim()]] : [])));
}

function parseModules(loaded: string, builtin: string): string[] {
  const names = [
    ...lines(loaded).map((line) => line.split(' ')[0] ?? ''),
    ...lines(builtin).map((line) => line.replace(/^.*\//, '').replace(/\.ko.*$/, '')),
  ];
  return [...new Set(names.map((name) => name.replaceAll('-', '_')))].sort();
}

const FILE_TYPES: Record<string, GuestFile['type']> = { f: 'file', d: 'directory', l: 'link' };

function parseFiles(found: string, digests: string): GuestFile[] {
  const sha256 = new Map(lines(digests).map((line) => [line.slice(66), line.slice(0, 64)]));
  return lines(found).map((line) => {
    const [path = '', type = '', mode = '', owner = '', group = '', target = ''] = line.split('\t');
    const digest = sha256.get(path);
    return {
      path,
      type: FILE_TYPES[type] ?? 'other',
      mode: mode.padStart(4, '0'),
      owner,
      group,
      ...(digest === undefined ? {} : { sha256: digest }),
      ...(type === 'l' ? { target } : {}),
    };
  });
}

function parsePrograms(files: ReadonlyMap<string, string>): GuestFacts['programs'] {
  const names = [...files.keys()].filter((name) => /^programs\/\d+\.status$/.test(name));
  return names.map((name) => {
    const [status = '', path = ''] = (files.get(name) ?? '').trim().split(' ');
    const output = (files.get(name.replace(/status$/, 'output')) ?? '').trim();
    return { path, status: Number(status), output };
  });
}

/** `ss -H -lnp`: state, queues, local address, peer, processes. An address may be in brackets and carry a scope. */
const SOCKET = /^\S+\s+\d+\s+\d+\s+(\S+):(\d+)\s+\S+(?:\s+users:\(\("([^"]*)")?/;

function parseSockets(text: string, protocol: GuestSocket['protocol']): GuestSocket[] {
  return lines(text).flatMap((line) => {
    const match = SOCKET.exec(line);
    if (match === null) return [];
    const address = (match[1] ?? '').replace(/%[^\]]*/, '').replaceAll(/[[\]]/g, '');
    return [{ protocol, address, port: Number(match[2]), process: match[3] ?? '' }];
  });
}

function parseTime(synchronised: string, tracking: string): GuestFacts['time'] {
  const source = /^Reference ID\s*:\s*(.*)$/m.exec(tracking)?.[1] ?? '';
  const detail = /^System time\s*:\s*(.*)$/m.exec(tracking)?.[1] ?? '';
  return { synchronised: synchronised === 'yes', source, detail };
}

function parseStatus(files: ReadonlyMap<string, string>): GuestCloudInit {
  const { report } = parseCloudInit(files.get('status.json') ?? '{}', files.get('cloud-init.log') ?? '');
  const { datasource = '', errors, warnings } = report;
  return { status: statusOf(files, errors), datasource, errors, warnings };
}

/** As `cloud-init status` says it, without waiting for its Python to start. */
function statusOf(files: ReadonlyMap<string, string>, errors: readonly string[]): string {
  if (files.has('cloud-init-disabled')) return 'disabled';
  if (!files.has('status.json')) return 'not run';
  if (!files.has('result.json')) return 'running';
  return errors.length > 0 ? 'error' : 'done';
}

function parseMachine(text: (name: string) => string): GuestMachine {
  return {
    machineId: text('machine-id'),
    bootId: text('boot-id'),
    hostKeys: lines(text('host-keys')).flatMap((line) => /SHA256:\S+/.exec(line) ?? []),
    macs: Object.fromEntries(
      lines(text('macs'))
        .map((line) => line.split(' '))
        .filter(([name]) => name !== 'lo'),
    ) as Record<string, string>,
    randomSeed: text('random-seed').slice(0, 64),
  };
}

const SECTOR = 512;

function parseRoot(text: string): GuestRoot {
  const values = Object.fromEntries(lines(text).map((line) => line.split('='))) as Record<string, string>;
  return {
    device: values.device ?? '',
    filesystem: values.filesystem ?? '',
    filesystemBytes: Number(values.filesystemSize ?? 0),
    partitionBytes: Number(values.partitionSectors ?? 0) * SECTOR,
    diskBytes: Number(values.diskSectors ?? 0) * SECTOR,
    ...(values.partitionStart ? { partitionStart: Number(values.partitionStart) * SECTOR } : {}),
  };
}
