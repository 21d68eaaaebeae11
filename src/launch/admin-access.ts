import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { KilnError } from '../errors.js';

/** What a client needs to speak to a cluster's API as its administrator; PEM. */
export interface AdminAccess {
  server: string;
  authority: string;
  certificate: string;
  key: string;
}

/** The part of a kubeconfig kiln writes that kiln reads. */
interface Kubeconfig {
  clusters: { cluster: { server: string; 'certificate-authority-data': string } }[];
  users: { user: { 'client-certificate-data': string; 'client-key-data': string } }[];
}

/**
 * The access a kubeconfig written by kiln gives; `undefined` when there is no such file.
 *
 * @throws KilnError CLUSTER_INVALID when it cannot be read or is another kind of kubeconfig.
 */
export async function readAdminAccess(file: string): Promise<AdminAccess | undefined> {
  try {
    const text = await readFile(file, 'utf8');
    const { load } = await import('js-yaml');
    return accessOf(load(text) as Kubeconfig);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new KilnError('CLUSTER_INVALID', `Cannot read ${file}: ${(error as Error).message}`, {
      hint: 'Remove it and run `launch kubeconfig`, as the user who launched the cluster (with sudo?).',
    });
  }
}

/** Days until the administrator's certificate ends, rounded down; negative when it has ended. */
export function daysLeft({ certificate }: AdminAccess, now: Date): number {
  const end = new X509Certificate(certificate).validToDate.getTime();
  return Math.floor((end - now.getTime()) / 86_400_000);
}

function accessOf({ clusters: [first], users: [second] }: Kubeconfig): AdminAccess {
  if (first === undefined || second === undefined) throw new Error('it names no cluster or no user');
  return {
    server: first.cluster.server,
    authority: decode(first.cluster['certificate-authority-data']),
    certificate: decode(second.user['client-certificate-data']),
    key: decode(second.user['client-key-data']),
  };
}

function decode(text: string): string {
  return Buffer.from(text, 'base64').toString('utf8');
}
