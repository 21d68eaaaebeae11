import test from 'ava';
import { growpart } from '../../../../src/test-image/disk/checks/growpart.js';
import { type Files, makeDisk, told } from '../synthetic-disk.js';

const CONFIG = 'cloud_init_modules: [seed_random, growpart, [resizefs, always]]\n';
const FILES: Files = {
  'usr/bin/growpart': '',
  'usr/sbin/sgdisk': '',
  'usr/bin/partx': '',
  'usr/bin/flock': '',
  'usr/sbin/resize2fs': '',
  'etc/cloud/cloud.cfg': CONFIG,
};

const check = async (changes: Files, more: Parameters<typeof makeDisk>[0] = {}) =>
  told(await growpart.run(await makeDisk({ files: { ...FILES, ...changes }, ...more })));

test('programs there and modules switched on', async (t) => {
  t.deepEqual(await check({}), []);
});

test('a missing program is named, by file system', async (t) => {
  const { 'usr/sbin/sgdisk': _gone, ...rest } = FILES;
  t.regex(
    told(await growpart.run(await makeDisk({ files: rest })))[0] ?? '',
    /^sfdisk or sgdisk: expected the program/,
  );
  t.regex((await check({}, { filesystem: 'xfs' }))[0] ?? '', /^xfs_growfs: /);
});

test('a later file replaces the list of modules', async (t) => {
  t.deepEqual(await check({ 'etc/cloud/cloud.cfg.d/99_x.cfg': 'cloud_init_modules: [growpart]\n' }), [
    "cloud-init's resizefs: expected it among the modules cloud-init runs, found it in no stage",
  ]);
});

for (const [text, expected] of [
  ['growpart: {mode: off}', 'growpart.mode: expected auto, found off'],
  ['growpart: {mode: false}', 'growpart.mode: expected auto, found false'],
  ["growpart: {devices: ['/data']}", 'growpart.devices: expected / among them, found /data'],
  ['resize_rootfs: false', 'resize_rootfs: expected true, found false'],
] as const) {
  test(`switched off: ${text}`, async (t) => {
    t.deepEqual(await check({ 'etc/cloud/cloud.cfg.d/99_x.cfg': text }), [expected]);
  });
}

test('a file that is no YAML is named; one of comments only is fine', async (t) => {
  t.deepEqual(
    await check({ 'etc/cloud/cloud.cfg.d/10_x.cfg': '# nothing\n', 'etc/cloud/cloud.cfg.d/11_x.cfg': '' }),
    [],
  );
  const problems = await check({ 'etc/cloud/cloud.cfg.d/10_x.cfg': 'a: [1\n' });
  t.regex(problems[0] ?? '', /^\/etc\/cloud\/cloud.cfg.d\/10_x.cfg: expected YAML, found: /);
});
