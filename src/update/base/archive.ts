import { archiveState, indexUrls } from '../../build/mkosi/archive-state.js';
import { archivesOf } from '../../build/mkosi/mkosi-facts.js';
import { KilnError } from '../../errors.js';
import type { ArchiveBase } from '../../plan/types.js';
import { loadUpdates } from '../update-catalog.js';
import type { BaseQuestion, BaseUpdate } from './update-base.js';
import { verifyIndex } from './verify-index.js';

/**
 * The state of the distribution's archive: every suite the OS uses, each signed index checked against the distribution's
 * keyring.
 *
 * @throws KilnError UPDATE_FAILED when a signature is not good; TOOL_MISSING without gpgv
 */
export async function updateArchive(
  question: BaseQuestion,
  current: ArchiveBase | undefined,
): Promise<BaseUpdate> {
  const { gate, os, arch, asker } = question;
  const keyring = loadUpdates().keyrings[os.distribution.id];
  if (keyring === undefined)
    throw new KilnError('UPDATE_FAILED', `kiln knows no keyring for the archive of ${os.title}`);
  const archives = archivesOf({ os, base: current ?? null });
  const indexes = new Map<string, string>();
  for (const url of indexUrls(archives)) {
    const text = await asker.ask(url, 'base');
    if (text !== undefined) indexes.set(url, await verifyIndex({ gate, keyring, url, text }));
  }
  const total = archives.reduce((sum, { suites }) => sum + suites.length, 0);
  if (indexes.size < total) return { kept: 'the archive could not be asked for all its suites' };
  const state = archiveState({ archives, arch, indexes });
  if (state === undefined) {
    const url = archives[0]?.url ?? '';
    asker.note({ about: 'base', url, reason: `an index names no packages for ${arch}, or no date` });
    return { kept: 'the archive could not be understood' };
  }
  if (state.digest === current?.digest) return { kept: 'its packages are the same' };
  const base: ArchiveBase = {
    ...(current ?? made(question, archives[0]?.url ?? '')),
    digest: state.digest,
    date: state.date,
  };
  const suites = archives.flatMap((archive) => archive.suites).join(', ');
  const reason = current?.digest === undefined ? 'is recorded now' : 'has other packages now';
  return { base, reason: `the archive (${suites}) ${reason}` };
}

function made({ os }: BaseQuestion, url: string): ArchiveBase {
  const { codename } = os.distribution;
  return {
    kind: 'archive',
    url,
    ...(codename === undefined ? {} : { suite: codename }),
    source: 'signed indexes of the archive',
  };
}
