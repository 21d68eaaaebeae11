import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'ava';
import { execa } from 'execa';
import { makeSshKey } from '../../../src/build/packer/make-ssh-key.js';

test('both halves are one key, as ssh-keygen reads them', async (t) => {
  const folder = await mkdtemp(path.join(tmpdir(), 'kiln-test-'));
  t.teardown(() => rm(folder, { recursive: true }));
  const { privateKey, publicKey } = makeSshKey('kiln-builder');
  await writeFile(path.join(folder, 'public'), `${publicKey}\n`);
  const { stdout } = await execa('ssh-keygen', ['-l', '-f', path.join(folder, 'public')]);
  t.regex(stdout, /^256 SHA256:\S+ kiln-builder \(ED25519\)$/);
  await writeFile(path.join(folder, 'private'), privateKey, { mode: 0o600 });
  const derived = await execa(
    'openssl',
    ['pkey', '-in', path.join(folder, 'private'), '-pubout', '-outform', 'DER'],
    {
      encoding: 'buffer',
      // The key's last byte may be one.
      stripFinalNewline: false,
    },
  );
  const raw = Buffer.from(derived.stdout).subarray(-32);
  t.true(
    Buffer.from(publicKey.split(' ')[1] ?? '', 'base64')
      .subarray(-32)
      .equals(raw),
  );
});

test('no two bakes share a key', (t) => {
  t.not(makeSshKey('a').publicKey, makeSshKey('a').publicKey);
});
