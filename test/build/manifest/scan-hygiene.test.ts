import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'ava';
import { listTree } from '../../../src/build/disk/list-tree.js';
import { hygieneSchema, loadHygieneRules } from '../../../src/build/manifest/hygiene-rules.js';
import { scanHygiene, type Violation } from '../../../src/build/manifest/scan-hygiene.js';

const CLEAN = {
  '/etc/machine-id': '',
  '/etc/shadow': 'root:*:18262:0:99999:7:::\ndaemon:!:18262::::::\nsystemd-network:!*:18262::::::\n',
  '/etc/passwd': 'root:x:0:0:root:/root:/bin/bash\n',
  '/etc/gshadow': 'root:*::\nkube:!::\nadm:::\n',
  '/etc/sudoers': 'root ALL=(ALL:ALL) ALL\n# %wheel ALL=(ALL) NOPASSWD: ALL\n',
  '/etc/ssl/certs/ca.pem': '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n',
  '/usr/bin/openssl': 'text that only names -----BEGIN PRIVATE KEY----- inside a line\n',
  '/var/lib/apt/lists/lock': '',
};

async function scan(files: Record<string, string>): Promise<Violation[]> {
  const tree = mkdtempSync(path.join(tmpdir(), 'kiln-hygiene-'));
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(path.join(tree, path.dirname(name)), { recursive: true });
    writeFileSync(path.join(tree, name), content);
  }
  mkdirSync(path.join(tree, 'var/log/journal'), { recursive: true });
  mkdirSync(path.join(tree, 'etc/ssl/private'), { recursive: true });
  // A link is never followed: this one leads to a file of the host.
  symlinkSync('/etc/passwd', path.join(tree, 'etc/ssl/private/link'));
  return scanHygiene({ tree, entries: await listTree(tree) });
}

test('a clean tree has no violation', async (t) => {
  t.deepEqual(await scan(CLEAN), []);
});

for (const [rule, name, content] of [
  ['private-key', '/opt/app/server.key', 'x\n-----BEGIN EC PRIVATE KEY-----\nMHc\n'],
  ['private-key', '/opt/id', '-----BEGIN OPENSSH PRIVATE KEY-----\nb3Bl\n'],
  ['private-key', '/opt/pkcs8', '-----BEGIN PRIVATE KEY-----\r\nMIIE\r\n'],
  ['ssh-host-key', '/etc/ssh/ssh_host_ed25519_key.pub', 'ssh-ed25519 AAAA'],
  ['authorized-key', '/root/.ssh/authorized_keys', ''],
  ['authorized-key', '/home/debian/.ssh/authorized_keys', 'ssh-ed25519 AAAA'],
  ['password', '/etc/shadow', 'root:$6$salt$hash:18262:0:99999:7:::\n'],
  ['password', '/etc/shadow', 'root::18262:0:99999:7:::\n'],
  ['password', '/etc/passwd', 'root:$1$salt$hash:0:0:root:/root:/bin/bash\n'],
  ['machine-id', '/etc/machine-id', '0123456789abcdef0123456789abcdef\n'],
  ['cloud-init-state', '/var/lib/cloud/instance-id', 'i-1'],
  ['package-cache', '/var/cache/apt/archives/jq_1.6.deb', '!<arch>'],
  ['package-cache', '/var/lib/apt/lists/deb.debian.org_InRelease', 'x'],
  ['dhcp-lease', '/var/lib/dhcp/dhclient.eth0.leases', 'lease {}'],
  ['random-seed', '/var/lib/systemd/random-seed', 'x'],
  ['log', '/var/log/dpkg.log', 'x'],
  ['shell-history', '/root/.bash_history', 'ls'],
  ['core-dump', '/var/lib/systemd/coredump/core.1', 'x'],
  ['sudo-without-password', '/etc/sudoers.d/10-admin', 'admin ALL=(ALL) NOPASSWD: ALL\n'],
  ['swap', '/swapfile', 'x'],
  ['backup', '/etc/shadow-', 'x'],
  ['cluster-identity', '/etc/kubernetes/pki/ca.key', 'x'],
] as const) {
  test(`finds ${rule} in ${name}: ${content.slice(0, 30).trim()}`, async (t) => {
    const violations = await scan({ ...CLEAN, [name]: content });
    t.deepEqual(
      violations.map((violation) => [violation.path, violation.rule]),
      [[name, rule]],
    );
    t.not(violations[0]?.detail, '');
  });
}

test('what is allowed is allowed for its rule alone', async (t) => {
  const tree = mkdtempSync(path.join(tmpdir(), 'kiln-hygiene-'));
  writeFileSync(path.join(tree, 'test.key'), '-----BEGIN PRIVATE KEY-----\n');
  const entries = await listTree(tree);
  const allow = (rule: string) => ({
    ...loadHygieneRules(),
    allowed: [{ path: '/test.key', rule, reason: 'a test', source: 'here' }],
  });
  t.deepEqual(await scanHygiene({ tree, entries, rules: allow('private-key') }), []);
  t.is((await scanHygiene({ tree, entries, rules: allow('log') })).length, 1);
});

test('the rules fit their schema', (t) => {
  t.notThrows(() => hygieneSchema.parse(loadHygieneRules()));
});
