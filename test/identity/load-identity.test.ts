import { chmodSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { createGate } from '../../src/gate/gate.js';
import { createIdentity } from '../../src/identity/create-identity.js';
import { loadIdentity } from '../../src/identity/load-identity.js';
import { saveIdentity } from '../../src/identity/save-identity.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';

const identity = await createIdentity({ cluster: 'demo' });

test('what was saved comes back', async (t) => {
  t.deepEqual(await loadIdentity(await saved()), identity);
});

test('no folder', async (t) => {
  const folder = path.join(temporaryFolder(), 'identity');
  const error = await t.throwsAsync(() => loadIdentity(folder), { code: 'IDENTITY_MISSING' });
  t.is(error.message, `There is no identity in ${folder}`);
});

test('files that are missing are named, all of them', async (t) => {
  const folder = await saved();
  rmSync(path.join(folder, 'sa.key'));
  rmSync(path.join(folder, 'etcd.crt'));
  const error = await t.throwsAsync(() => loadIdentity(folder), { code: 'IDENTITY_MISSING' });
  t.regex(error.message, /lacks etcd\.crt, sa\.key$/);
});

test('a file others may read is refused, with the mend', async (t) => {
  const folder = await saved();
  const file = path.join(folder, 'kubernetes.key');
  chmodSync(file, 0o640);
  const error = await t.throwsAsync(() => loadIdentity(folder), { code: 'IDENTITY_UNSAFE' });
  t.is(error.message, `Others may read ${file} (its mode is 640)`);
  t.true(String((error as unknown as { hint: string }).hint).startsWith(`chmod 600 ${file}.`));
});

test('a folder others may look into is refused', async (t) => {
  const folder = await saved();
  chmodSync(folder, 0o755);
  const error = await t.throwsAsync(() => loadIdentity(folder), { code: 'IDENTITY_UNSAFE' });
  t.regex(error.message, /its mode is 755/);
});

test('a link is not followed', async (t) => {
  const folder = await saved();
  const file = path.join(folder, 'sa.key');
  renameSync(file, path.join(folder, 'elsewhere'));
  symlinkSync('elsewhere', file);
  const error = await t.throwsAsync(() => loadIdentity(folder), { code: 'IDENTITY_INVALID' });
  t.is(error.message, `${file} cannot be read: it is a link`);
});

test('a folder where a file should be', async (t) => {
  const folder = await saved();
  const file = path.join(folder, 'bootstrap.token');
  rmSync(file);
  mkdirSync(file, { mode: 0o700 });
  const error = await t.throwsAsync(() => loadIdentity(folder), { code: 'IDENTITY_INVALID' });
  t.is(error.message, `${file} cannot be read: it is a folder`);
});

test('a file where the folder should be', async (t) => {
  const file = path.join(temporaryFolder(), 'identity');
  writeFileSync(file, '', { mode: 0o600 });
  const error = await t.throwsAsync(() => loadIdentity(file), { code: 'IDENTITY_INVALID' });
  t.is(error.message, `${file} is no folder`);
});

for (const [what, file, text] of [
  ['the key of another authority', 'kubernetes.key', identity['etcd.key'] ?? ''],
  ['half a certificate', 'etcd.crt', (identity['etcd.crt'] ?? '').slice(0, 200)],
  ['an empty key', 'front-proxy.key', ''],
  ['the wrong public key of service accounts', 'sa.pub', identity['etcd.key'] ?? ''],
] as const) {
  test(`${what} is found out`, async (t) => {
    const folder = await saved();
    writeFileSync(path.join(folder, file), text);
    const error = await t.throwsAsync(() => loadIdentity(folder), { code: 'IDENTITY_INVALID' });
    t.true(error.message.includes(file));
    t.notRegex(error.message, /BEGIN/);
  });
}

async function saved(): Promise<string> {
  const folder = path.join(temporaryFolder(), 'identity');
  await saveIdentity(createGate({}), folder, identity);
  return folder;
}
