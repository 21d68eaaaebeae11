import { listOs, loadOs } from '../catalog/load-catalog.js';
import type { OperatingSystem } from '../catalog/os.js';
import { KilnError } from '../errors.js';
import type { Lock } from '../lock/lock.js';
import type { AmiBase, Arch, ArchiveBase, DiskBase } from '../plan/types.js';
import { officialImage, publisherPlace } from './base/official-image.js';
import { loadUpdates } from './update-catalog.js';

/**
 * A lock is of one OS and architecture: renewed for another one, its entries would be replaced by that one's.
 *
 * @throws KilnError USAGE
 */
export function checkLock({
  lock,
  os: name,
  arch,
  file,
}: {
  lock: Lock;
  os: string;
  arch: Arch;
  /** For the message. */
  file: string;
}): void {
  const arches = [...new Set(lock.artifacts.map((artifact) => artifact.arch))];
  if (arches.length > 0 && !arches.includes(arch))
    throw notOf(`${file} has no artifact for ${arch}, only for ${arches.join(', ')}`);
  const os = loadOs(name);
  const problem = problemOf(lock.base, os, arch);
  if (problem !== undefined) throw notOf(`The base in ${file} is not of ${os.title} for ${arch}: ${problem}`);
}

function problemOf(base: Lock['base'], os: OperatingSystem, arch: Arch): string | undefined {
  if (base?.kind === 'disk') return diskProblem(base, os, arch);
  if (base?.kind === 'archive') return archiveProblem(base, os);
  return base?.kind === 'ami' ? amiProblem(base, os, arch) : undefined;
}

/** An image at an address that no publisher has is a person's own, and of whatever OS they say. */
function diskProblem({ url }: DiskBase, os: OperatingSystem, arch: Arch): string | undefined {
  if (isImageOf(url, os, arch)) return undefined;
  for (const other of listOs().map(loadOs)) {
    const known = other.arches.find((candidate) => isImageOf(url, other, candidate));
    if (known !== undefined) return `${url} is an image of ${other.title} for ${known}`;
  }
  if (isAtPublisherOf(url, os)) return undefined;
  const other = listOs()
    .map(loadOs)
    .find((candidate) => isAtPublisherOf(url, candidate));
  return other === undefined ? undefined : `${url} is published for ${other.title}`;
}

function isImageOf(url: string, os: OperatingSystem, arch: Arch): boolean {
  const isInCatalog = os.images.some((image) => image.arch === arch && image.url === url);
  return isInCatalog || officialImage(url, os.name, arch) !== undefined;
}

function isAtPublisherOf(url: string, { name }: OperatingSystem): boolean {
  const sources = loadUpdates().images[name];
  return sources !== undefined && url.startsWith(publisherPlace(sources));
}

function archiveProblem({ suite, archives }: ArchiveBase, os: OperatingSystem): string | undefined {
  const { codename } = os.distribution;
  const isOwn = (name: string): boolean => codename !== undefined && name.split('-')[0] === codename;
  if (suite !== undefined && suite !== codename) return `its suite is ${suite}`;
  const suites = archives?.flatMap((part) => part.suites) ?? [];
  if (suites.length === 0 || suites.some(isOwn)) return undefined;
  return `its suites are ${suites.join(', ')}`;
}

/** Names change in time and accounts have AMIs of several systems: only what another one's search would find is refused. */
function amiProblem(base: AmiBase, os: OperatingSystem, arch: Arch): string | undefined {
  if (isAmiOf(base, os, arch)) return undefined;
  for (const other of listOs().map(loadOs)) {
    const known = other.arches.find((candidate) => isAmiOf(base, other, candidate));
    if (known !== undefined) return `${base.name} is an AMI of ${other.title} for ${known}`;
    if (base.owner === other.ami.owner && base.owner !== os.ami.owner)
      return `account ${base.owner} publishes ${other.title}`;
  }
  return undefined;
}

function isAmiOf({ owner, name }: AmiBase, { ami }: OperatingSystem, arch: Arch): boolean {
  const filter = ami.nameFilter[arch];
  if (filter === undefined || owner !== ami.owner) return false;
  const pattern = filter
    .split('*')
    .map((text) => text.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&'))
    .join('.*');
  return new RegExp(`^${pattern}$`).test(name);
}

function notOf(message: string): KilnError {
  return new KilnError('USAGE', message, {
    hint: 'Nothing was written. Keep one lock for each OS and architecture: name the other with --lock, or say the --os and --arch of this one.',
  });
}
