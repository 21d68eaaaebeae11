import test from 'ava';
import { parseFacts } from '../../../src/boot/probe/parse-facts.js';
import { parseUnits } from '../../../src/boot/probe/parse-units.js';

const CLOCK = { guest: 100, host: 101 };
const READ = { clock: CLOCK, thorough: true };

/** As the programs of Debian 12 print it. */
const FILES = {
  uptime: '107.49 180.12\n',
  kernel: '6.1.0-56-cloud-amd64\n',
  swaps: 'Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n/dev/zram0 partition 1 0 100\n',
  sysctls: 'net.ipv4.ip_forward = 1 \nnet.ipv4.ip_local_reserved_ports = 10248-10250,10256 \n',
  modules: 'br_netfilter 36864 0 - Live 0xffffffffc0a4d000\nnf_conntrack 188416 1 xt_conntrack, Live 0x0\n',
  'modules-builtin': 'kernel/fs/ext4/ext4.ko\nkernel/drivers/virtio/virtio-pci.ko\n',
  files:
    '/etc/a\tf\t644\troot\troot\t\n/etc/b\tl\t777\troot\troot\t../c d\n/etc/kubernetes\td\t755\tetcd\tetcd\t\n',
  digests: `${'a'.repeat(64)}  /etc/a\n`,
  'programs/2.status': '1 /usr/local/bin/kubectl version --client\n',
  'programs/2.output': 'Error: no\n',
  'sockets-tcp':
    'LISTEN 0 4096 127.0.0.53%lo:53 0.0.0.0:* users:(("systemd-resolve",pid=1,fd=2))\nLISTEN 0 128 [::]:22 [::]:* users:(("sshd",pid=3,fd=4))\n',
  'sockets-udp':
    'UNCONN 0 0 10.0.2.15%enp0s1:68 0.0.0.0:* users:(("systemd-network",pid=5,fd=6))\nUNCONN 0 0 0.0.0.0:4000 0.0.0.0:*\n',
  'time-synchronised': 'yes\n',
  'time-tracking':
    'Reference ID    : 0A000202 (10.0.2.2)\nSystem time     : 0.000012 seconds slow of NTP time\n',
  'firewall-tools': 'nft\n',
  nft: 'table inet a {\n',
  cgroup: 'cgroup2fs\n',
  apparmor: 'Y\n',
  'host-keys': '256 SHA256:abc root@node1 (ED25519)\n',
  macs: 'enp0s1 52:54:00:00:00:01\nlo 00:00:00:00:00:00\n',
  'random-seed': `${'b'.repeat(64)}  /var/lib/systemd/random-seed\n`,
  root: 'device=/dev/vda2\nfilesystem=ext4\nfilesystemSize=4096\npartitionSectors=9\ndiskSectors=10\n',
  'status.json': '{"v1": {"datasource": "DataSourceNoCloud [seed=/dev/vdb]", "init": {"errors": []}}}',
  'result.json': '{}',
};

function facts(changes: Record<string, string> = {}): ReturnType<typeof parseFacts> {
  return parseFacts(new Map(Object.entries({ ...FILES, ...changes })), READ);
}

test('numbers, names and clocks', (t) => {
  const { uptime, kernel, clock, cgroup, selinux, apparmor, swaps } = facts();
  t.deepEqual({ uptime, kernel, clock }, { uptime: 107.49, kernel: '6.1.0-56-cloud-amd64', clock: CLOCK });
  t.deepEqual({ cgroup, selinux, apparmor }, { cgroup: 'v2', selinux: 'absent', apparmor: true });
  t.deepEqual(swaps, ['/dev/zram0']);
  t.is(facts({ selinux: '1\n' }).selinux, 'enforcing');
});

test('sysctls keep their text, modules are those loaded and built in', (t) => {
  t.deepEqual(facts().sysctls, {
    'net.ipv4.ip_forward': '1',
    'net.ipv4.ip_local_reserved_ports': '10248-10250,10256',
  });
  t.deepEqual(facts().modules, ['br_netfilter', 'ext4', 'nf_conntrack', 'virtio_pci']);
});

test('files with their digests, links with their targets', (t) => {
  t.deepEqual(facts().files, [
    { path: '/etc/a', type: 'file', mode: '0644', owner: 'root', group: 'root', sha256: 'a'.repeat(64) },
    { path: '/etc/b', type: 'link', mode: '0777', owner: 'root', group: 'root', target: '../c d' },
    { path: '/etc/kubernetes', type: 'directory', mode: '0755', owner: 'etcd', group: 'etcd' },
  ]);
});

test('a program that fails keeps its status and its words', (t) => {
  t.deepEqual(facts().programs, [{ path: '/usr/local/bin/kubectl', status: 1, output: 'Error: no' }]);
});

test('sockets lose brackets and scopes, not their owners', (t) => {
  t.deepEqual(facts().sockets, [
    { protocol: 'tcp', address: '127.0.0.53', port: 53, process: 'systemd-resolve' },
    { protocol: 'tcp', address: '::', port: 22, process: 'sshd' },
    { protocol: 'udp', address: '10.0.2.15', port: 68, process: 'systemd-network' },
    { protocol: 'udp', address: '0.0.0.0', port: 4000, process: '' },
  ]);
});

test('the clock is synchronised when chrony says so', (t) => {
  t.deepEqual(facts().time, {
    synchronised: true,
    source: '0A000202 (10.0.2.2)',
    detail: '0.000012 seconds slow of NTP time',
  });
  t.false(facts({ 'time-synchronised': '' }).time.synchronised);
});

test('which tools could tell of a firewall, and what they said', (t) => {
  t.deepEqual(facts().firewall, { tools: ['nft'], nft: 'table inet a {', iptables: '' });
});

test('what identifies the machine', (t) => {
  const { machine, root } = facts();
  t.deepEqual(machine.macs, { enp0s1: '52:54:00:00:00:01' });
  t.deepEqual(machine.hostKeys, ['SHA256:abc']);
  t.is(machine.randomSeed, 'b'.repeat(64));
  t.deepEqual(root, {
    device: '/dev/vda2',
    filesystem: 'ext4',
    filesystemBytes: 4096,
    partitionBytes: 9 * 512,
    diskBytes: 5120,
  });
});

for (const [status, changes] of [
  ['done', {}],
  ['error', { 'status.json': '{"v1": {"init": {"errors": ["no"]}}}' }],
  ['disabled', { 'cloud-init-disabled': 'disabled\n' }],
] as const) {
  test(`cloud-init is ${status}`, (t) => t.is(facts(changes).cloudInit.status, status));
}

test('cloud-init runs until its last stage has written its result', (t) => {
  const { 'result.json': _, ...unfinished } = FILES;
  t.is(parseFacts(new Map(Object.entries(unfinished)), READ).cloudInit.status, 'running');
});

test('nothing at all is no facts, not a crash', (t) => {
  const { units, sockets, files, cloudInit } = parseFacts(new Map(), READ);
  t.deepEqual({ units, sockets, files }, { units: [], sockets: [], files: [] });
  t.is(cloudInit.status, 'not run');
});

test('units come by name, each once, with the seconds systemd counted', (t) => {
  const block = (name: string, state: string): string =>
    `Id=${name}\nLoadState=loaded\nActiveState=${state}\nSubState=x\nResult=success\nConditionResult=yes\nNRestarts=2\nJob=\nInactiveExitTimestampMonotonic=1500000\nActiveEnterTimestampMonotonic=0`;
  const units = parseUnits(
    [block('b.service', 'inactive'), block('a.target', 'active'), block('b.service', 'active')].join('\n\n'),
  );
  t.deepEqual(
    units.map(({ name, active }) => [name, active]),
    [
      ['a.target', 'active'],
      ['b.service', 'active'],
    ],
  );
  t.like(units[0], { conditions: true, restarts: 2, started: 1.5, activated: undefined, job: false });
});
