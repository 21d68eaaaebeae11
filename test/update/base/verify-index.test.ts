import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'ava';
import { execa } from 'execa';
import { KilnError } from '../../../src/errors.js';
import { createGate } from '../../../src/gate/gate.js';
import { verifyIndex } from '../../../src/update/base/verify-index.js';

const TEXT = 'Origin: Test\nDate: Fri, 20 Nov 2026 02:11:10 UTC\nSHA256:\n- dashes begin this line\n';
const folder = mkdtempSync(path.join(tmpdir(), 'kiln-keys-'));
let signed: string;
let signedTwice: string;

/** Real keys and real signatures: `ours` is in the keyring, `theirs` is not. */
test.before(async () => {
  for (const name of ['ours', 'theirs']) {
    const identity = `${name} <${name}@example.test>`;
    await gpg(['--batch', '--passphrase', '', '--quick-generate-key', identity, 'ed25519', 'sign', 'never']);
    await gpg(['--export', '--output', keyring(name), name]);
  }
  signed = await sign(['ours']);
  signedTwice = await sign(['ours', 'theirs']);
});

test.after.always(async () => {
  await execa('gpgconf', ['--homedir', folder, '--kill', 'all'], { reject: false });
  rmSync(folder, { recursive: true, force: true });
});

async function gpg(args: string[], input = ''): Promise<string> {
  return (await execa('gpg', ['--homedir', folder, '--quiet', ...args], { input })).stdout;
}

function sign(keys: string[]): Promise<string> {
  const users = keys.flatMap((name) => ['--local-user', name]);
  return gpg(['--batch', '--passphrase', '', '--pinentry-mode', 'loopback', ...users, '--clearsign'], TEXT);
}

function keyring(name: string): string {
  return path.join(folder, `${name}.gpg`);
}

function verify(text: string, name = 'ours'): Promise<string> {
  return verifyIndex({ gate: createGate({}), keyring: keyring(name), url: 'http://archive/InRelease', text });
}

test('gives the text that was signed', async (t) => {
  t.is(await verify(signed), TEXT.trimEnd());
});

test('one good signature is enough where the other key is unknown', async (t) => {
  t.is(await verify(signedTwice), TEXT.trimEnd());
});

test('what nobody known signed, and what was changed since, is refused', async (t) => {
  for (const [text, name] of [
    [signed, 'theirs'],
    [signed.replace('Origin: Test', 'Origin: Evil'), 'ours'],
    [signedTwice.replace('Origin: Test', 'Origin: Evil'), 'ours'],
  ] as const) {
    const error = await t.throwsAsync(verify(text, name), { instanceOf: KilnError });
    t.is(error.code, 'UPDATE_FAILED');
    t.regex(error.message, /^The signature of http:\/\/archive\/InRelease is not good\n {2}gpgv: /);
  }
});

test('nothing may stand around the signed text', async (t) => {
  for (const text of [TEXT, `Origin: Evil\n${signed}`, `${signed}\nOrigin: Evil`, `${signed}\n${signed}`]) {
    const error = await t.throwsAsync(verify(text), { instanceOf: KilnError });
    t.regex(error.message, /it is not one clear-signed text/);
  }
});
