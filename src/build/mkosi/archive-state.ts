import { digestOf } from '../../plan/canonical-json.js';
import type { Arch } from '../../plan/types.js';
import type { Archive } from './mkosi-facts.js';

/** What a package archive holds at one moment. */
export interface ArchiveState {
  /** `sha256:<hex>` over the digests of the package indexes: another signature or date alone does not change it. */
  digest: string;
  /** The newest date of the suites, ISO 8601. */
  date: string;
  /** The same of each suite; where two archives have a suite of one name, the older. */
  dates: Record<string, string>;
}

/** The signed index of each suite that is read, in the archives' order. */
export function indexUrls(archives: readonly Archive[]): string[] {
  return archives.flatMap(({ url, suites }) =>
    suites.map((suite) => `${url.replace(/\/$/, '')}/dists/${suite}/InRelease`),
  );
}

/**
 * The state that the suites' signed indexes describe, for one architecture. `indexes`: text by URL, see `indexUrls`. The
 * archives' addresses do not count: a mirror in the same state is the same archive. `undefined` when a text is no index.
 */
export function archiveState({
  archives,
  arch,
  indexes,
}: {
  archives: readonly Archive[];
  arch: Arch;
  indexes: ReadonlyMap<string, string>;
}): ArchiveState | undefined {
  const packages: [suite: string, path: string, digest: string][] = [];
  const dates = new Map<string, string>();
  for (const archive of archives) {
    for (const suite of archive.suites) {
      const text = indexes.get(indexUrls([{ ...archive, suites: [suite] }])[0] ?? '') ?? '';
      const date = new Date(/^Date: (.+)$/m.exec(text)?.[1] ?? '');
      if (Number.isNaN(date.getTime())) return undefined;
      dates.set(suite, [date.toISOString(), dates.get(suite) ?? '9'].sort()[0] ?? '');
      for (const component of archive.components) {
        const path = `${component}/binary-${arch}/Packages`;
        const digest = sha256Of(path, text);
        if (digest === undefined) return undefined;
        packages.push([suite, path, digest]);
      }
    }
  }
  const newest = [...dates.values()].sort().at(-1) ?? '';
  return { digest: digestOf(packages), date: newest, dates: Object.fromEntries(dates) };
}

/** The line ` <64 hex> <size> <path>` of the SHA256 list. */
function sha256Of(path: string, text: string): string | undefined {
  const lines = text.split('\n');
  return lines
    .map((line) => / ([0-9a-f]{64}) +\d+ (\S+)$/.exec(line))
    .find((found) => found?.[2] === path)?.[1];
}
