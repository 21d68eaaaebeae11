import type { DiskBase } from '../../plan/types.js';
import { parseChecksums } from '../parse-checksums.js';
import { type ImageSources, loadUpdates } from '../update-catalog.js';
import {
  compareImages,
  compareNames,
  fillArch,
  type OfficialImage,
  officialImage,
} from './official-image.js';
import type { BaseQuestion, BaseUpdate } from './update-base.js';

type FoundImage = OfficialImage & { url: string; digest: string; source: string };

/** The newest official cloud image: its publisher's newest folder, and the digest in that folder's checksum file. */
export async function updateDisk(question: BaseQuestion, current: DiskBase | undefined): Promise<BaseUpdate> {
  const { os, arch } = question;
  const sources = loadUpdates().images[os.name];
  if (sources === undefined) return { kept: `nobody lists newer images of ${os.title}` };
  const known = current === undefined ? undefined : officialImage(current.url, os.name, arch);
  if (current !== undefined && known === undefined)
    return { kept: 'is none of the images its publisher lists' };
  const found = await newestImage(question, sources);
  if (found === undefined) return { kept: 'its publisher could not be asked' };
  if (current === undefined || known === undefined || compareImages(known, found) < 0) {
    const { url, digest, source } = found;
    return { base: { kind: 'disk', ...current, url, digest, source }, reason: `newest image of ${os.title}` };
  }
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
): Promise<FoundImage | undefined> {
  const page = await asker.ask(sources.listing, 'base');
  if (page === undefined) return undefined;
  const link = new RegExp(`href="(?:\\./)?(${sources.folder})/?"`, 'g');
  const folder = newest([...page.matchAll(link)].map((match) => match[1] ?? ''));
  if (folder === undefined) {
    asker.note({ about: 'base', url: sources.listing, reason: 'it links to no folder of images' });
    return undefined;
  }
  const source = fillArch(sources.checksums, arch).replace('{folder}', folder);
  const text = await asker.ask(source, 'base');
  if (text === undefined) return undefined;
  const digests = parseChecksums(text);
  const file = new RegExp(`^${fillArch(sources.file, arch)}$`);
  const name = newest([...digests.keys()].filter((key) => file.test(key)));
  const digest = digests.get(name ?? '');
  if (name === undefined || digest === undefined) {
    asker.note({ about: 'base', url: source, reason: `it names no image for ${arch}` });
    return undefined;
  }
  return { folder, file: name, url: source.slice(0, source.lastIndexOf('/') + 1) + name, digest, source };
}

function newest(names: readonly string[]): string | undefined {
  return names.toSorted(compareNames).at(-1);
}
