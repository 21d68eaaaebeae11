import { compareVersions, minorOf } from '../catalog/compare-versions.js';
import type { Asker } from './asker.js';
import type { ArtifactSources } from './update-catalog.js';

/** The newest released patch of `version`'s minor, as its publisher's list says; with the list's URL. */
export async function newestPatch({
  sources,
  version,
  about,
  asker,
}: {
  sources: ArtifactSources;
  version: string;
  about: string;
  asker: Asker;
}): Promise<{ version: string; url: string } | undefined> {
  const { newest } = sources;
  const minor = minorOf(version);
  const url = ('text' in newest ? newest.text : newest.tags).replace('{minor}', minor);
  const text = await asker.ask(url, about);
  if (text === undefined) return undefined;
  const listed = ('text' in newest ? [text.trim()] : readTags(text)).map((name) => name.replace(/^v/, ''));
  const found = listed
    // Release candidates carry more than three numbers.
    .filter((name) => /^\d+\.\d+\.\d+$/.test(name) && minorOf(name) === minor)
    .sort(compareVersions)
    .at(-1);
  if (found === undefined) asker.note({ about, url, reason: `it names no release of ${minor}` });
  return found === undefined ? undefined : { version: found, url };
}

/** GitHub's answer: `[{"ref": "refs/tags/v3.6.14", …}, …]`. */
function readTags(text: string): string[] {
  try {
    const refs: unknown = JSON.parse(text);
    if (!Array.isArray(refs)) return [];
    return refs.flatMap(({ ref }: { ref?: unknown }) =>
      typeof ref === 'string' ? [ref.replace('refs/tags/', '')] : [],
    );
  } catch {
    return [];
  }
}
