import test from 'ava';
import { filePermissions } from '../../../../src/test-image/disk/checks/file-permissions.js';
import { hygiene } from '../../../../src/test-image/disk/checks/hygiene.js';
import { makeDisk, told } from '../synthetic-disk.js';

const file = (mode: number) => ({ text: 'x', mode });

for (const [what, name, mode, expected] of [
  [
    'a file everybody may write',
    'etc/cron.d/job',
    0o666,
    /nobody but its owner and group to write it, found mode 0666/,
  ],
  ['a shadow file everybody may read', 'etc/shadow', 0o644, /secret nobody else may read, found mode 0644/],
  ['a key everybody may read', 'etc/app/tls.key', 0o644, /secret nobody else may read, found mode 0644/],
  ['an unknown setuid program', 'usr/bin/backdoor', 0o4755, /no setuid or setgid file .* found mode 4755/],
  ['an unknown setgid program', 'opt/x', 0o2755, /no setuid or setgid file .* found mode 2755/],
] as const) {
  test(`${what} is named`, async (t) => {
    const problems = told(await filePermissions.run(await makeDisk({ files: { [name]: file(mode) } })));
    t.is(problems.length, 1);
    t.true(problems[0]?.startsWith(`/${name}: `));
    t.regex(problems[0] ?? '', expected);
  });
}

test('known setuid programs, closed secrets, readable anchors and links are fine', async (t) => {
  const files = {
    'usr/bin/sudo': file(0o4755),
    'usr/lib/openssh/ssh-keysign': file(0o4755),
    'etc/shadow': file(0o640),
    'usr/share/dns/root.key': file(0o644),
    'etc/link': { link: 'shadow' },
  };
  t.deepEqual(told(await filePermissions.run(await makeDisk({ files }))), []);
});

test('a private key is known by its content too, and hygiene names it besides', async (t) => {
  const violations = [{ path: '/opt/app/server.pem', rule: 'private-key', detail: 'holds a private key' }];
  const disk = await makeDisk({ files: { 'opt/app/server.pem': file(0o644) }, violations });
  t.regex(told(await filePermissions.run(disk))[0] ?? '', /^\/opt\/app\/server.pem: expected a secret/);
  t.deepEqual(told(await hygiene.run(disk)), [
    '/opt/app/server.pem: must not be in an image: holds a private key [private-key]',
  ]);
});
