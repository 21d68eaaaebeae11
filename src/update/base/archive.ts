import { type ArchiveState, archiveState, indexUrls } from '../../build/mkosi/archive-state.js';
import { archivesOf } from '../../build/mkosi/mkosi-facts.js';
import { KilnError } from '../../errors.js';
import type { ArchivePart } from '../../lock/lock.js';
import type { ArchiveBase } from '../../plan/types.js';
import { loadUpdates } from '../update-catalog.js';
import { judgeIndex } from './judge-index.js';
import type { BaseQuestion, BaseUpdate } from './update-base.js';
import { verifyIndex } from './verify-index.js';

/**
 * The state of the distribution's archive: every suite the OS uses, each signed index checked against the distribution's
 * keyring, of the suite that was asked for, still good, and no older than the lock's.
 *
 * @throws KilnError UPDATE_FAILED when one is not; TOOL_MISSING without gpgv
 */
export async function updateArchive(
  question: BaseQuestion,
  current: ArchiveBase | undefined,
): Promise<BaseUpdate> {
  const { os, arch, asker } = question;
  const archives: ArchivePart[] = archivesOf({ os, base: current ?? null });
  const read = await readIndexes(question, archives);
  if (read.kept !== undefined) return { kept: read.kept };
  const state = archiveState({ archives, arch, indexes: read.indexes });
  if (state === undefined) {
    const url = archives[0]?.url ?? '';
    asker.note({ about: 'base', url, reason: `an index names no packages for ${arch}, or no date` });
    return { kept: 'the archive could not be understood' };
  }
  if (state.digest === current?.digest) return { kept: 'its packages are the same' };
  refuseOlder(state, current);
  const base: ArchiveBase = {
    ...(current ?? made(question, archives[0]?.url ?? '')),
    digest: state.digest,
    date: state.date,
    dates: { ...current?.dates, ...state.dates },
  };
  const suites = archives.flatMap((archive) => archive.suites).join(', ');
  const reason = current?.digest === undefined ? 'is recorded now' : 'has other packages now';
  return { base, reason: `the archive (${suites}) ${reason}` };
}

/** Each suite's signed text by its address; `kept`: why that is not all of them. */
async function readIndexes(
  { gate, os, asker, offline }: BaseQuestion,
  archives: readonly ArchivePart[],
): Promise<{ indexes: Map<string, string>; kept?: string }> {
  const keyring = loadUpdates().keyrings[os.distribution.id];
  if (keyring === undefined)
    throw new KilnError('UPDATE_FAILED', `kiln knows no keyring for the archive of ${os.title}`);
  const indexes = new Map<string, string>();
  let kept: string | undefined;
  for (const archive of archives) {
    for (const suite of archive.suites) {
      const [url = ''] = indexUrls([{ ...archive, suites: [suite] }]);
      const signed = await asker.ask(url, 'base');
      if (signed === undefined) {
        kept ??= 'the archive could not be asked for all its suites';
        continue;
      }
      const text = await verifyIndex({ gate, keyring, url, text: signed });
      const { ignoreValidUntil } = archive;
      const problem = judgeIndex({ url, suite, text, now: new Date(), ignoreValidUntil });
      if (problem === undefined) indexes.set(url, text);
      // A mirror without the network is as old as it is: its state is not taken up, and the rest of the lock can be.
      else if (problem.kind === 'expired' && offline === true) {
        asker.note({ about: 'base', url, reason: problem.reason });
        kept = `the mirror’s index of ${suite} is no longer good: renew the mirror`;
      } else throw notBelieved(url, problem);
    }
  }
  return kept === undefined ? { indexes } : { indexes, kept };
}

function notBelieved(
  url: string,
  { kind, reason }: { kind: 'expired' | 'other'; reason: string },
): KilnError {
  const expired =
    'Nothing was written. Renew the mirror, or ask another: old indexes can be played back by anybody. For a copy that is kept on purpose name an address of snapshot.debian.org under `archives` of the base, or say `ignoreValidUntil: true` there.';
  const other =
    'Nothing was written. Ask another mirror: this one mixes suites up, or somebody between does.';
  return new KilnError('UPDATE_FAILED', `${url} is signed, but ${reason}`, {
    hint: kind === 'expired' ? expired : other,
  });
}

/** Suite by suite: that one of them was signed today says nothing of the others. */
function refuseOlder(state: ArchiveState, current: ArchiveBase | undefined): void {
  const { date, dates } = current ?? {};
  const older = Object.entries(state.dates).filter(([suite, now]) => isBefore(now, dates?.[suite]));
  // A lock written by hand, or by a kiln that kept one date for all.
  if (dates === undefined && isBefore(state.date, date)) older.push(['its newest suite', state.date]);
  if (older.length === 0) return;
  const list = older.map(([suite, now]) => `  ${suite}: signed ${now}, the lock’s ${dates?.[suite] ?? date}`);
  throw new KilnError(
    'UPDATE_FAILED',
    `The archive is older than the lock’s state of it:\n${list.join('\n')}`,
    {
      hint: 'Nothing was written. A mirror lags behind, or somebody plays back what was signed before. To go back on purpose, take `digest`, `date` and `dates` out of the base.',
    },
  );
}

function isBefore(date: string, than: string | undefined): boolean {
  return than !== undefined && Date.parse(date) < Date.parse(than);
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
