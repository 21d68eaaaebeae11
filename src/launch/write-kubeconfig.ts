import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { writeFileAtomically } from '../artifacts/write-file-atomically.js';
import type { Gate } from '../gate/gate.js';
import { adminKubeconfig } from '../identity/admin-kubeconfig.js';
import type { Identity } from '../identity/identity.js';
import { type AdminAccess, daysLeft, readAdminAccess } from './admin-access.js';
import type { Cluster } from './types.js';

/** Days before its end from which the administrator's certificate is made anew. */
const RENEW_DAYS = 30;

/**
 * Sees to it that `file` (0600) is a kubeconfig of this cluster with a certificate that lasts. One that does is left as
 * it is. Returns whether it was written.
 */
export async function writeKubeconfig({
  gate,
  cluster,
  identity,
  file,
  now = new Date(),
}: {
  gate: Gate;
  cluster: Cluster;
  identity: Identity;
  file: string;
  now?: Date;
}): Promise<boolean> {
  const server = `https://127.0.0.1:${cluster.network.apiPort}`;
  // Whatever else is there is replaced.
  const access = await readAdminAccess(file).catch(() => undefined);
  if (access !== undefined && serves(access, { server, identity, now })) return false;
  const reason = 'give the administrator access to the API';
  await gate.perform({ verb: 'write', target: file, reason }, async () => {
    const text = await adminKubeconfig({ identity, cluster: cluster.name, server, now });
    await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
    await writeFileAtomically(file, text, { mode: 0o600 });
  });
  return true;
}

function serves(
  access: AdminAccess,
  { server, identity, now }: { server: string; identity: Identity; now: Date },
): boolean {
  return (
    access.server === server &&
    access.authority === identity['kubernetes.crt'] &&
    daysLeft(access, now) >= RENEW_DAYS
  );
}
