import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { load } from 'js-yaml';
import { repositoryPath } from '../../src/repository.js';

/** A node in a temporary folder: the scripts of `rootfs/` run on it with KILN_ROOT, with stand-ins for what asks the machine. */
export interface Node {
  root: string;
  write(file: string, content: string): void;
  read(file: string): string;
  /** Puts a program before all others in PATH. */
  program(name: string, script: string): void;
  run(script: string, options?: { args?: string[]; env?: Record<string, string> }): Result;
}

export interface Result {
  status: number | null;
  stdout: string;
  stderr: string;
}

interface RoleEntry {
  marker: string;
  dns: string;
  aliases: string[];
  units: string[];
}

/** Removed when the test process ends. */
const roots: string[] = [];
process.on('exit', () => {
  for (const root of roots) rmSync(root, { recursive: true, force: true });
});

/** A node with one network card, 10.0.2.15 on eth0, whose host name is `Node-1.Example`. */
export function createNode(): Node {
  const root = mkdtempSync(path.join(tmpdir(), 'kiln-node-'));
  roots.push(root);
  const node: Node = {
    root,
    write: (file, content) => writeInto(path.join(root, file), content),
    read: (file) => readFileSync(path.join(root, file), 'utf8'),
    program: (name, script) => writeProgram(path.join(root, 'bin', name), script),
    run: (script, { args = [], env = {} } = {}) => run(root, script, args, env),
  };
  node.write('/usr/lib/kiln/roles', roleTable());
  node.write('/etc/resolv.conf', 'search example\nnameserver fe80::1\nnameserver 10.0.2.3\n');
  cpSync(repositoryPath('rootfs/usr/share/kiln/kubeconfig'), path.join(root, 'usr/share/kiln/kubeconfig'), {
    recursive: true,
  });
  node.program('uname', 'echo Node-1.Example');
  node.program(
    'ip',
    `case "$*" in
*"route show default"*) echo "default via 10.9.0.1 dev eth1 metric 200"; echo "default via 10.0.2.2 dev eth0 proto dhcp metric 100" ;;
*"addr show dev eth0"*) echo "2: eth0    inet 10.0.2.15/24 brd 10.0.2.255 scope global eth0" ;;
*"addr show dev eth1"*) echo "3: eth1    inet 10.9.0.7/16 scope global eth1" ;;
esac`,
  );
  return node;
}

function writeInto(file: string, content: string): void {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, content);
}

function writeProgram(file: string, script: string): void {
  writeInto(file, `#!/bin/sh\n${script}\n`);
  chmodSync(file, 0o755);
}

/** The format `kube-role` documents, from the one table of roles. */
function roleTable(): string {
  const { roles } = load(readFileSync(repositoryPath('catalog/roles.yaml'), 'utf8')) as {
    roles: Record<string, RoleEntry>;
  };
  const conflicts: Record<string, string> = { master: 'lb', lb: 'master' };
  const lines = Object.entries(roles).map(([name, { marker, dns, aliases, units }]) => {
    const real = units.filter((unit) => !unit.startsWith('@'));
    return `${name} ${marker} ${dns} ${real.join(',')} ${aliases.join(',') || '-'} ${conflicts[name] ?? '-'}\n`;
  });
  return `# role marker dns units aliases conflicts\n${lines.join('')}`;
}

function run(root: string, script: string, args: string[], env: Record<string, string>): Result {
  const { status, stdout, stderr } = spawnSync(repositoryPath('rootfs/usr/libexec/kiln', script), args, {
    encoding: 'utf8',
    timeout: 30_000,
    env: { PATH: `${root}/bin:${process.env.PATH}`, KILN_ROOT: root, KILN_ROUTE_WAIT: '0', ...env },
  });
  return { status, stdout, stderr };
}
