import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { createGate } from '../../src/gate/gate.js';
import { createIdentity } from '../../src/identity/create-identity.js';
import { saveIdentity } from '../../src/identity/save-identity.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';
import { modeOf } from './helpers.js';

const identity = await createIdentity({ cluster: 'demo' });

test('one file a secret, for its owner alone', async (t) => {
  const parent = path.join(temporaryFolder(), 'clusters', 'demo');
  const folder = path.join(parent, 'identity');
  await saveIdentity(createGate({}), folder, identity);
  t.is(modeOf(parent), 0o700);
  t.is(modeOf(folder), 0o700);
  t.deepEqual(readdirSync(folder).sort(), Object.keys(identity).sort());
  for (const [name, text] of Object.entries(identity)) {
    t.is(modeOf(path.join(folder, name)), 0o600, name);
    t.is(readFileSync(path.join(folder, name), 'utf8'), text, name);
  }
  t.deepEqual(readdirSync(parent), ['identity'], 'no temporary folder is left');
});

test('an identity that is there is never overwritten, nor touched', async (t) => {
  const parent = temporaryFolder();
  const folder = path.join(parent, 'identity');
  await saveIdentity(createGate({}), folder, identity);
  const other = await createIdentity({ cluster: 'demo' });
  await t.throwsAsync(() => saveIdentity(createGate({}), folder, other), { code: 'IDENTITY_EXISTS' });
  t.is(readFileSync(path.join(folder, 'sa.key'), 'utf8'), identity['sa.key'] ?? '');
});

test('of several at once one wins whole; the others are told, and leave nothing', async (t) => {
  const parent = temporaryFolder();
  const folder = path.join(parent, 'identity');
  const identities = await Promise.all([1, 2, 3].map(() => createIdentity({ cluster: 'demo' })));
  const results = await Promise.allSettled(
    identities.map((each) => saveIdentity(createGate({}), folder, each)),
  );
  const won = results.findIndex(({ status }) => status === 'fulfilled');
  const lost = results.filter(({ status }) => status === 'rejected');
  t.is(lost.length, 2);
  for (const result of lost) {
    if (result.status === 'rejected') t.is((result.reason as { code: string }).code, 'IDENTITY_EXISTS');
  }
  for (const [name, text] of Object.entries(identities[won] ?? {})) {
    t.is(readFileSync(path.join(folder, name), 'utf8'), text);
  }
  t.deepEqual(readdirSync(parent), ['identity']);
});

test('a write that fails leaves nothing behind', async (t) => {
  const parent = temporaryFolder();
  // A name that is a path into a folder that is not there: the write after the first fails.
  const bad = { 'sa.key': 'x', 'no-such-folder/file': 'y' };
  await t.throwsAsync(() => saveIdentity(createGate({}), path.join(parent, 'identity'), bad));
  t.deepEqual(readdirSync(parent), []);
});

test('a dry run names the folder, writes nothing and shows no secret', async (t) => {
  const parent = temporaryFolder();
  const folder = path.join(parent, 'identity');
  const gate = createGate({ dryRun: true });
  await saveIdentity(gate, folder, identity);
  t.deepEqual(gate.actions, [{ verb: 'write', target: folder, reason: "keep the cluster's identity" }]);
  t.deepEqual(readdirSync(parent), []);
});
