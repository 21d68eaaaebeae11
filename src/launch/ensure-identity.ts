import { existsSync } from 'node:fs';
import type { Gate } from '../gate/gate.js';
import type { Identity } from '../identity/identity.js';
import { clusterFiles } from './cluster-files.js';
import type { Cluster } from './types.js';

/**
 * The cluster's secrets: made at its first launch, read at every later one. A cluster that ran is never given new ones.
 *
 * @throws KilnError IDENTITY_MISSING, IDENTITY_UNSAFE, IDENTITY_INVALID
 */
export async function ensureIdentity(gate: Gate, { name, nodes }: Cluster): Promise<Identity> {
  const folder = clusterFiles(name).identity;
  const used = nodes.some(({ started }) => started !== undefined);
  if (used || existsSync(folder)) {
    const { loadIdentity } = await import('../identity/load-identity.js');
    return await loadIdentity(folder);
  }
  const { createIdentity } = await import('../identity/create-identity.js');
  const { saveIdentity } = await import('../identity/save-identity.js');
  const identity = await createIdentity({ cluster: name });
  await saveIdentity(gate, folder, identity);
  return identity;
}
