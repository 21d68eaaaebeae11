import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'ava';
import { repositoryPath } from '../../../src/repository.js';

const OWNER = `${process.getuid?.()}:${process.getgid?.()}`;
const UNIT = '[Service]\nExecStart=/bin/true\n[Install]\nWantedBy=multi-user.target\n';

class Image {
  readonly root = mkdtempSync(path.join(tmpdir(), 'kiln-image-'));
  readonly scripts = mkdtempSync(path.join(tmpdir(), 'kiln-scripts-'));

  at(name: string): string {
    return path.join(this.root, name);
  }

  write(name: string, content = 'x'): void {
    mkdirSync(path.dirname(this.at(name)), { recursive: true });
    writeFileSync(this.at(name), content);
  }

  run(script: string, list: readonly string[]): void {
    for (const folder of ['tmp', 'var/tmp', 'var/log', 'etc'])
      mkdirSync(this.at(folder), { recursive: true });
    if (!existsSync(this.at('etc/shadow'))) this.write('etc/shadow', 'root:*:19000::::::\n');
    const file = path.join(this.scripts, script);
    copyFileSync(repositoryPath('packer', 'scripts', script), file);
    writeFileSync(path.join(this.scripts, 'image.list'), `${['epoch 1577836800', ...list].join('\n')}\n`);
    execFileSync('sh', [file], { env: { PATH: process.env.PATH, KILN_ROOT: this.root }, stdio: 'pipe' });
  }
}

test('finish-image.sh sets modes and links, and presets decide which units are enabled', (t) => {
  const image = new Image();
  image.write('usr/lib/systemd/system/wanted.service', UNIT);
  image.write('usr/lib/systemd/system/unwanted.service', UNIT);
  image.write('usr/lib/systemd/system-preset/00-kiln.preset', 'enable wanted.service\ndisable *\n');
  image.write('etc/systemd/system/multi-user.target.wants/x');
  const wants = image.at('etc/systemd/system/multi-user.target.wants');
  symlinkSync('/usr/lib/systemd/system/unwanted.service', path.join(wants, 'unwanted.service'));
  image.write('usr/libexec/kiln/tool');
  image.write('etc/resolv.conf', 'of the builder');
  chmodSync(image.at('usr/libexec/kiln/tool'), 0o600);
  image.run('finish-image.sh', [
    'remove-package not-installed',
    `file 4755 ${OWNER} /usr/libexec/kiln/tool`,
    `directory 0711 ${OWNER} /usr/libexec/kiln`,
    'link ../run/systemd/resolve/resolv.conf /etc/resolv.conf',
    'link /dev/null /etc/systemd/system/masked.service',
  ]);
  t.deepEqual(readdirSync(wants).sort(), ['wanted.service', 'x']);
  t.is(lstatSync(image.at('usr/libexec/kiln/tool')).mode & 0o7777, 0o4755);
  t.is(lstatSync(image.at('usr/libexec/kiln')).mode & 0o7777, 0o711);
  t.is(readlinkSync(image.at('etc/resolv.conf')), '../run/systemd/resolve/resolv.conf');
  t.is(readlinkSync(image.at('etc/systemd/system/masked.service')), '/dev/null');
});

for (const [what, list] of [
  ['a planned file that is not there', `file 0644 ${OWNER} /etc/gone`],
  ['a planned link where a folder is', 'link /x /etc/folder'],
] as const) {
  test(`finish-image.sh stops at ${what}`, (t) => {
    const image = new Image();
    mkdirSync(image.at('etc/folder'), { recursive: true });
    const error = t.throws(() => image.run('finish-image.sh', [list]));
    t.regex(error?.message ?? '', /the plan's (file|link) \S*\/etc\/(gone|folder) is (not|a folder) in/);
  });
}

test('clean-traces.sh takes away identity, state, caches and logs, and nothing else', (t) => {
  const image = new Image();
  const gone = [
    'etc/ssh/ssh_host_rsa_key',
    'etc/ssh/ssh_host_rsa_key.pub',
    'root/.ssh/authorized_keys',
    'home/someone/.ssh/authorized_keys',
    'root/.bash_history',
    'var/lib/cloud/instance/user-data.txt',
    'var/lib/systemd/random-seed',
    'var/lib/dbus/machine-id',
    'var/cache/apt/pkgcache.bin',
    'var/cache/apt/archives/a.deb',
    'var/lib/apt/lists/a_InRelease',
    'var/lib/dpkg/status-old',
    'var/cache/ldconfig/aux-cache',
    'var/log/dpkg.log',
    'var/log/journal/abc/system.journal',
    'tmp/script',
    'tmp/.hidden',
    'var/tmp/folder/file',
    'etc/shadow-',
    'etc/hostname',
  ];
  const kept = [
    'etc/ssh/sshd_config',
    'etc/passwd',
    'var/lib/dpkg/status',
    'root/.bashrc',
    'etc/cni/net.d/10-kiln.conflist',
  ];
  for (const name of [...gone, ...kept]) image.write(name);
  image.write('etc/machine-id', '0123456789abcdef0123456789abcdef\n');
  image.write('etc/shadow', 'root:*:19876:0:99999:7:::\nnodate:!*:::::::\n');
  image.run('clean-traces.sh', []);
  t.deepEqual(
    gone.filter((name) => existsSync(image.at(name))),
    [],
  );
  t.deepEqual(
    kept.filter((name) => !existsSync(image.at(name))),
    [],
  );
  t.true(existsSync(image.at('var/log')));
  t.is(readFileSync(image.at('etc/machine-id'), 'utf8'), '');
  t.is(readFileSync(image.at('etc/shadow'), 'utf8'), 'root:*:18262:0:99999:7:::\nnodate:!*:::::::\n');
});
