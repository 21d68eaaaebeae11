import { mkdir, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { loadLocalCatalog } from '../../catalog/local.js';
import type { Gate } from '../../gate/gate.js';
import { runCommand } from '../../gate/run-command.js';
import { keyFile } from './names.js';

/** The cluster's own ssh key, made when there is none; returns its public half, one line ('' in a dry run). */
export async function makeSshKey({ gate, folder }: { gate: Gate; folder: string }): Promise<string> {
  const key = keyFile(folder);
  const known = await readPublic(key);
  if (known !== undefined) return known;
  await gate.perform({ verb: 'make', target: path.dirname(key) }, async () => {
    await mkdir(path.dirname(key), { recursive: true, mode: 0o700 });
  });
  // ssh-keygen asks before it writes over a file, and what was interrupted is half a pair.
  const fresh = `${key}.new`;
  await gate.perform(
    { verb: 'write', target: key, reason: 'the key that logs in to the nodes' },
    async () => {
      for (const file of [fresh, `${fresh}.pub`]) await rm(file, { force: true });
      const args = ['-q', '-t', 'ed25519', '-N', '', '-C', 'kiln', '-f', fresh];
      await runCommand(gate, { file: 'ssh-keygen', args, reason: 'make the key that logs in to the nodes' });
      await rename(fresh, key);
      // Last: whoever sees the public half may use the pair.
      await rename(`${fresh}.pub`, `${key}.pub`);
    },
  );
  return (await readPublic(key)) ?? '';
}

/** Vendor data with the one login a local node has. */
export function loginVendorData({ publicKey }: { publicKey: string }): string {
  const { user } = loadLocalCatalog().login;
  return `#cloud-config
users:
- name: ${user}
  shell: /bin/bash
  lock_passwd: true
  sudo: ALL=(ALL) NOPASSWD:ALL
  ssh_authorized_keys:
  - ${publicKey}
`;
}

async function readPublic(key: string): Promise<string | undefined> {
  const line = await readFile(`${key}.pub`, 'utf8').catch(() => undefined);
  return line?.trim();
}
