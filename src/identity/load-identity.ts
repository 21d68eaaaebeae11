import { createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto';
import { constants } from 'node:fs';
import { lstat, open } from 'node:fs/promises';
import path from 'node:path';
import { errorCode } from '../artifacts/file-problem.js';
import { loadIdentityCatalog } from '../catalog/identity.js';
import { KilnError } from '../errors.js';
import { type Identity, secretNames } from './identity.js';

const OTHERS = 0o077;
const RESTORE = 'Restore it from a backup; without one, launch a new cluster.';

/**
 * Reads back what saveIdentity wrote, and makes sure that it is whole and still nobody else's to read.
 *
 * @throws KilnError IDENTITY_MISSING (folder or files), IDENTITY_UNSAFE (others may read it), IDENTITY_INVALID (unreadable, or keys that do not fit)
 */
export async function loadIdentity(folder: string): Promise<Identity> {
  await checkFolder(folder);
  const identity: Record<string, string> = {};
  const missing: string[] = [];
  for (const name of secretNames()) {
    const text = await readSecret(path.join(folder, name));
    if (text === undefined) missing.push(name);
    else identity[name] = text;
  }
  if (missing.length > 0) {
    throw new KilnError('IDENTITY_MISSING', `The identity in ${folder} lacks ${missing.join(', ')}`, {
      hint: RESTORE,
    });
  }
  checkPairs(folder, identity);
  return identity;
}

async function checkFolder(folder: string): Promise<void> {
  const state = await lstat(folder).catch((error) => {
    throw folderProblem(error, folder);
  });
  if (!state.isDirectory()) throw invalid(`${folder} is no folder`);
  if ((state.mode & OTHERS) !== 0) throw unsafe(folder, state.mode, '700');
}

/** Nothing when there is no such file. A link is not followed: it could be anybody's. */
async function readSecret(file: string): Promise<string | undefined> {
  try {
    const handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW);
    try {
      const { mode } = await handle.stat();
      if ((mode & OTHERS) !== 0) throw unsafe(file, mode, '600');
      return await handle.readFile('utf8');
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (error instanceof KilnError) throw error;
    if (errorCode(error) === 'ENOENT') return undefined;
    throw invalid(`${file} cannot be read: ${reasonOf(error)}`, error);
  }
}

/** A damaged or exchanged file would otherwise show as a cluster whose nodes refuse each other. */
function checkPairs(folder: string, identity: Identity): void {
  const pairs = Object.keys(loadIdentityCatalog().authorities).map((name) => [`${name}.crt`, `${name}.key`]);
  for (const [shown = '', secret = ''] of [...pairs, ['sa.pub', 'sa.key']]) {
    if (!fits(identity[shown] ?? '', identity[secret] ?? '')) {
      throw invalid(`${shown} and ${secret} in ${folder} do not belong together, or one is damaged`);
    }
  }
}

function fits(shown: string, secret: string): boolean {
  try {
    const key = createPrivateKey(secret);
    if (shown.includes('BEGIN CERTIFICATE')) return new X509Certificate(shown).checkPrivateKey(key);
    return createPublicKey(shown).equals(createPublicKey(key));
  } catch {
    return false;
  }
}

function folderProblem(error: unknown, folder: string): KilnError {
  if (errorCode(error) !== 'ENOENT') return invalid(`${folder} cannot be read: ${reasonOf(error)}`, error);
  return new KilnError('IDENTITY_MISSING', `There is no identity in ${folder}`, { hint: RESTORE });
}

function unsafe(file: string, mode: number, wanted: string): KilnError {
  const found = (mode & 0o777).toString(8);
  return new KilnError('IDENTITY_UNSAFE', `Others may read ${file} (its mode is ${found})`, {
    hint: `chmod ${wanted} ${file}. If others use this machine, take the cluster's secrets for known and launch a new one.`,
  });
}

function invalid(message: string, cause?: unknown): KilnError {
  return new KilnError('IDENTITY_INVALID', message, { hint: RESTORE, cause });
}

function reasonOf(error: unknown): string {
  if (errorCode(error) === 'ELOOP') return 'it is a link';
  if (errorCode(error) === 'EISDIR') return 'it is a folder';
  return error instanceof Error ? error.message : String(error);
}
