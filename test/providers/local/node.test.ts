import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { connectQmp } from '../../../src/boot/qmp.js';
import { kernelCommand, SHOW_FREQUENCY } from '../../../src/boot/uml/kernel-command.js';
import { machineCommand } from '../../../src/boot/uml/start-user-mode-linux.js';
import { createGate } from '../../../src/gate/gate.js';
import { silentProgress } from '../../../src/progress.js';
import { nodeFiles, tapName } from '../../../src/providers/local/names.js';
import { commandInNode, connectable, serialSocket } from '../../../src/providers/local/node/enter-node.js';
import {
  defaultMemory,
  freeApiPort,
  nextAddress,
  nextMac,
} from '../../../src/providers/local/node/node-defaults.js';
import { nodeStatus } from '../../../src/providers/local/node/node-status.js';
import { ensureDisk } from '../../../src/providers/local/node/start-node.js';
import { qemuCommand } from '../../../src/providers/local/node/start-qemu-node.js';
import { expectRunning, sizesOf } from '../../../src/providers/local/node/start-uml-node.js';
import { aCluster, aNode } from './a-cluster.js';

const MASTER = aNode(1, 'master-1', ['master']);
const cluster = aCluster({ nodes: [MASTER] });
const folder = '/state/demo';

test('taps of all addresses of a network differ and fit into what Linux allows', (t) => {
  const names = Array.from({ length: 65_536 }, (_, number) =>
    tapName(`10.89.${number >> 8}.${number & 255}`),
  );
  t.is(new Set(names).size, names.length);
  t.true(names.every((name) => name.length <= 15));
});

test('memory is the sum over the roles, and no less than the rig needs', (t) => {
  const memory = (roles: string[], rig: 'qemu' | 'uml' = 'qemu') => defaultMemory({ roles, rig });
  t.is(memory(['master']), 1536);
  t.is(memory(['master', 'minion']), 3072);
  t.is(memory(['etcd']), 768);
  t.is(memory([]), 512);
  t.is(memory(['etcd'], 'uml'), 2048);
  t.is(memory(['master', 'minion'], 'uml'), 3072);
});

test('the next address is the lowest nobody has, and there is an end to them', (t) => {
  t.is(nextAddress([]), '10.89.0.11');
  t.is(nextAddress([{ address: '10.89.0.11' }, { address: '10.89.0.13' }]), '10.89.0.12');
  const all = Array.from({ length: 240 }, (_, number) => ({ address: `10.89.0.${11 + number}` }));
  t.throws(() => nextAddress(all), { code: 'USAGE', message: /240 nodes at most/ });
  t.regex(nextMac([]), /^52:54:00(:[\da-f]{2}){3}$/);
});

test('a port that is taken is not given out', async (t) => {
  const first = await freeApiPort([]);
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(first, '127.0.0.1', resolve));
  t.teardown(() => server.close());
  const second = await freeApiPort([]);
  t.not(second, first);
  t.false([first, second].includes(await freeApiPort([second])));
});

test('QEMU runs detached on the tap, with sockets named from its own folder', (t) => {
  const files = nodeFiles(folder, 'master-1');
  const disks = [{ file: files.disk, format: 'qcow2' as const, readOnly: false }];
  const words = qemuCommand({
    files,
    disks,
    record: MASTER,
    tap: 'node-0-11',
    accelerator: 'tcg',
    firmware: '/f',
  });
  t.true(words.includes('-daemonize'));
  t.false(words.includes('-no-reboot'), 'a restart of the guest is one');
  t.true(words.includes('tap,ifname=node-0-11,script=no,downscript=no,id=net0'));
  t.true(words.includes('unix:qmp,server=on,wait=off'));
  t.is(words[words.indexOf('-m') + 1], '1536');
  t.is(words[words.indexOf('-pidfile') + 1], '/state/demo/nodes/master-1/pid');
});

test('user-mode Linux on a tap shows a frequency, in one piece', (t) => {
  const words = kernelCommand({
    ...{ name: 'node', folder: '/machine', disks: [], memoryMiB: 2048, mac: MASTER.mac, root: '/dev/ubda2' },
    ...{ kernelArguments: [], network: 'transport=tap,ifname=node-0-11', beforeInit: SHOW_FREQUENCY },
  });
  t.true(words.includes('vec0:transport=tap,ifname=node-0-11,mac=52:54:00:00:00:01'));
  t.regex(words.at(-1) ?? '', /^"[^"]*cpu MHz : 1000\.000; } > [^"]*; exec env -i [^"]*\/sbin\/init"$/);
});

test('a command reaches the shell of the node word by word', (t) => {
  const words = commandInNode({
    folder,
    cluster,
    node: 'master-1',
    command: ['echo', "it's", 'a b', '$HOME'],
  });
  t.deepEqual(words.slice(0, 5), ['ip', 'netns', 'exec', 'kiln-demo', 'ssh']);
  t.is(words.at(-1), `echo 'it'\\''s' 'a b' '$HOME'`);
  t.true(words.includes('kiln@10.89.0.11'));
  t.true(words.includes('UserKnownHostsFile="/state/demo/nodes/master-1/known_hosts"'));
  t.is(commandInNode({ folder, cluster, node: 'master-1' }).at(-1), 'kiln@10.89.0.11');
  t.throws(() => commandInNode({ folder, cluster, node: 'master-2' }), {
    code: 'UNKNOWN_NAME',
    message: /no node "master-2"/,
  });
});

test('a socket far down in the file system can be connected to', async (t) => {
  const base = mkdtempSync(path.join(tmpdir(), 'kiln-socket-'));
  t.teardown(() => rmSync(base, { recursive: true }));
  const deep = path.join(base, 'a'.repeat(100), 'b'.repeat(100));
  mkdirSync(deep, { recursive: true });
  const socket = path.join(deep, 'qmp');
  t.is(await connectable('/short'), '/short');
  const short = await connectable(socket);
  t.true(short.length < 107);
  // Bound by way of the short path too, as QEMU is started in the folder.
  const server = createServer((connection) => {
    connection.write('{"QMP":{}}\n');
    connection.on('data', () => connection.write('{"return":{}}\n'));
  });
  await new Promise<void>((resolve) => server.listen(short, resolve));
  t.teardown(() => server.close());
  const qmp = await connectQmp(await connectable(socket));
  t.deepEqual(await qmp.execute('query-status'), {});
  qmp.close();
});

test('user-mode Linux has no serial console to type into', async (t) => {
  t.is(await serialSocket({ folder, cluster: aCluster({ rig: 'uml' }), node: 'master-1' }), undefined);
  t.is(await serialSocket({ folder, cluster, node: 'master-1' }), '/state/demo/nodes/master-1/serial');
});

test('what became of a node is read from its process and its last words', async (t) => {
  const base = mkdtempSync(path.join(tmpdir(), 'kiln-status-'));
  t.teardown(() => rmSync(base, { recursive: true }));
  const status = () => nodeStatus({ folder: base, cluster, node: 'master-1' });
  t.deepEqual(await status(), { state: 'stopped' }, 'never started');

  const files = nodeFiles(base, 'master-1');
  mkdirSync(files.folder, { recursive: true });
  // This process is there but is not the node's.
  writeFileSync(files.pid, `${process.pid}\n`);
  writeFileSync(files.console, '[    1.0] Kernel panic - not syncing: no root\r\n\n');
  t.deepEqual(await status(), { state: 'failed', reason: '[    1.0] Kernel panic - not syncing: no root' });
  writeFileSync(files.console, '\u001b[0;32m[   70.123456] reboot: Power down\r\n');
  t.deepEqual(await status(), { state: 'stopped' });
  writeFileSync(files.console, 'cut off');
  writeFileSync(files.stopped, '');
  t.deepEqual(await status(), { state: 'stopped' }, 'somebody cut its power');
});

test('what a node has on its disk is written when it says so, the first time and again', async (t) => {
  const base = scratch(t);
  const files = nodeFiles(base, 'master-1');
  const ensure = () =>
    ensureDisk({
      ...{ gate: createGate({ dryRun: true }), progress: silentProgress },
      ...{ folder: base, cluster, node: 'master-1' },
    });
  const first = await ensure();
  mkdirSync(files.folder, { recursive: true });
  writeFileSync(files.disk, '');
  for (const disk of [first, await ensure()]) {
    const disks = [disk];
    const tap = 'node-0-11';
    const qemu = qemuCommand({ files, disks, record: MASTER, tap, accelerator: 'tcg', firmware: '/f' });
    t.regex(qemu[qemu.indexOf('-drive') + 1] ?? '', /,cache=writeback,/);
    const kernel = { root: '/root', release: '1', packages: [] };
    const uml = machineCommand({ folder: files.folder, disks, kernel, command: [] });
    const served = JSON.parse(uml[uml.indexOf('serve') + 1] ?? '');
    t.is(served.cache['no-flush'], false);
    t.is(served.file.cache['no-flush'], false);
  }
});

test('what a node said before does not count as a sign of this start', async (t) => {
  const files = nodeFiles(scratch(t), 'master-1');
  mkdirSync(files.folder, { recursive: true });
  writeFileSync(files.console, '[   70.123456] reboot: Power down\r\n');
  writeFileSync(files.log, 'of the start before\n');
  const before = await sizesOf(files);
  const expected = () => expectRunning({ record: MASTER, files, before, timeout: 20 });
  const silent = { code: 'BOOT_FAILED', message: 'master-1 ended at once: it said nothing' };
  await t.throwsAsync(expected(), silent);
  appendFileSync(files.log, 'nothing serves the disk\n');
  await t.throwsAsync(expected(), {
    code: 'BOOT_FAILED',
    message: /ended at once: nothing serves the disk$/,
  });
  appendFileSync(files.console, '\n');
  await t.throwsAsync(expected(), { code: 'BOOT_FAILED' }, 'an empty line says nothing');
  appendFileSync(files.console, '[    0.000000] Linux version\r\n');
  await t.notThrowsAsync(expected());
});

test('a node without any file yet is at the beginning of all', async (t) => {
  t.deepEqual(await sizesOf(nodeFiles(scratch(t), 'master-1')), { console: 0, log: 0 });
});

function scratch(t: ExecutionContext): string {
  const base = mkdtempSync(path.join(tmpdir(), 'kiln-node-'));
  t.teardown(() => rmSync(base, { recursive: true }));
  return base;
}
