import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { createGate } from '../../src/gate/gate.js';
import { createIdentity } from '../../src/identity/create-identity.js';
import { identityBundle } from '../../src/identity/identity-bundle.js';
import { makeIdentityDisk } from '../../src/identity/identity-disk.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';
import { createNode } from '../rootfs/node.js';
import { modeOf, run } from './helpers.js';

/** Needs root, for the mount. Only the search for the label is a stand-in: a file is no device, mount makes it one. */
test("the node's own channel mounts the disk and takes the part of its roles", async (t) => {
  const files = identityBundle({
    identity: await createIdentity({ cluster: 'demo' }),
    roles: ['master', 'minion'],
    clusterEnv: { CLUSTER_NAME: 'demo' },
  });
  const image = await makeIdentityDisk({ gate: createGate({}), folder: temporaryFolder(), files });
  const label = run('blkid', '-p', '-o', 'value', '-s', 'LABEL', image).trim();
  const node = createNode();
  node.write('/run/kubernetes/.keep', '');
  node.write('/bundle/.keep', '');
  node.program('blkid', `[ "$*" = "-L ${label}" ] && echo ${image}`);
  const bundle = path.join(node.root, 'bundle');
  const { status, stderr } = node.run('identity-channel.d/disk', { args: [bundle, 'minion'] });
  t.deepEqual({ status, stderr }, { status: 0, stderr: '' });
  t.deepEqual(readdirSync(bundle).sort(), ['.keep', 'cluster.env', 'minion']);
  for (const [name, text] of Object.entries(files).filter(([name]) => name.startsWith('minion/'))) {
    t.is(readFileSync(path.join(bundle, name), 'utf8'), text, name);
    t.is(modeOf(path.join(bundle, name)), 0o600, name);
  }
  t.notRegex(readFileSync('/proc/mounts', 'utf8'), new RegExp(node.root), 'nothing stays mounted');
});
