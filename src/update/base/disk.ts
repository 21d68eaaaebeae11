import type { DiskBase } from '../../plan/types.js';
import { parseChecksums } from '../parse-checksums.js';
import { type ImageSources, loadUpdates } from '../update-catalog.js';
import type { BaseQuestion, BaseUpdate } from './update-base.js';

const PROCESSORS = { amd64: 'x86_64', arm64: 'aarch64' } as const;

/** The newest official cloud image: its publisher's newest folder, and the digest in that folder's checksum file. */
export async function updateDisk(question: BaseQuestion, current: DiskBase | undefined): Promise<BaseUpdate> {
  const { os } = question;
  const sources = loadUpdates().images[os.name];
  if (sources === undefined) return { kept: `nobody lists newer images of ${os.title}` };
  const found = await newestImage(question, sources);
  if (found === undefined) return { kept: 'its publisher could not be asked' };
  if (current === undefined || compareNumbers(current.url, found.url) < 0)
    return { base: { kind: 'disk', ...found }, reason: `newest image of ${os.title}` };
  const { url, digest: locked = found.digest } = current;
  // Digests of two algorithms cannot be compared.
  if (url === found.url && locked !== found.digest && locked.length === found.digest.length) {
    const { digest: published, source } = found;
    return { changedDigest: { name: 'base', url, locked, published, source } };
  }
  return { kept: 'is the newest image' };
}

async function newestImage(
  { arch, asker }: BaseQuestion,
  sources: ImageSources,
): Promise<{ url: string; digest: string; source: string } | undefined> {
  const fill = (text: string): string =>
    text.replaceAll('{arch}', arch).replaceAll('{cpu}', PROCESSORS[arch]);
  const page = await asker.ask(sources.listing, 'base');
  if (page === undefined) return undefined;
  const link = new RegExp(`href="(?:\\./)?(${sources.folder})/?"`, 'g');
  const folder = newest([...page.matchAll(link)].map((match) => match[1] ?? ''));
  if (folder === undefined) {
    asker.note({ about: 'base', url: sources.listing, reason: 'it links to no folder of images' });
    return undefined;
  }
  const source = fill(sources.checksums).replace('{folder}', folder);
  const text = await asker.ask(source, 'base');
  if (text === undefined) return undefined;
  const digests = parseChecksums(text);
  const file = new RegExp(`^${fill(sources.file)}$`);
  const name = newest([...digests.keys()].filter((key) => file.test(key)));
  const digest = digests.get(name ?? '');
  if (name === undefined || digest === undefined) {
    asker.note({ about: 'base', url: source, reason: `it names no image for ${arch}` });
    return undefined;
  }
  return { url: source.slice(0, source.lastIndexOf('/') + 1) + name, digest, source };
}

function newest(names: readonly string[]): string | undefined {
  return names.toSorted(compareNumbers).at(-1);
}

/** Names that differ only in their numbers: dates, serials, releases. */
function compareNumbers(left: string, right: string): number {
  const [a, b] = [left, right].map((text) => (text.match(/\d+/g) ?? []).map(Number)) as [number[], number[]];
  const index = a.findIndex((value, place) => value !== b[place]);
  return index === -1 ? a.length - b.length : Math.sign((a[index] ?? 0) - (b[index] ?? 0));
}
