import type { Arch } from '../../plan/types.js';
import { type ImageSources, loadUpdates } from '../update-catalog.js';

const PROCESSORS = { amd64: 'x86_64', arm64: 'aarch64' } as const;

/** Which of its publisher's images one is. */
export interface OfficialImage {
  folder: string;
  file: string;
}

/** `{arch}` and `{cpu}` of the publishers' addresses filled in. */
export function fillArch(text: string, arch: Arch): string {
  return text.replaceAll('{arch}', arch).replaceAll('{cpu}', PROCESSORS[arch]);
}

/** The part of a publisher's addresses that is before the folders. */
export function publisherPlace({ checksums }: ImageSources): string {
  return checksums.slice(0, checksums.indexOf('{folder}'));
}

/** The folder and file of an official image, from its URL; `undefined` when it is none of this OS and architecture. */
export function officialImage(url: string, os: string, arch: Arch): OfficialImage | undefined {
  const sources = loadUpdates().images[os];
  if (sources === undefined) return undefined;
  const checksums = fillArch(sources.checksums, arch);
  const place = checksums.slice(0, checksums.lastIndexOf('/') + 1).replaceAll(/[.+?]/g, '\\$&');
  const folder = place.replace('{folder}', () => `(?<folder>${sources.folder})`);
  const found = new RegExp(`^${folder}(?<file>${fillArch(sources.file, arch)})$`).exec(url)?.groups;
  return found === undefined ? undefined : { folder: found.folder ?? '', file: found.file ?? '' };
}

/** Which of two is the newer: folder with folder, then file with file. Above 0 when `left` is. */
export function compareImages(left: OfficialImage, right: OfficialImage): number {
  return compareNames(left.folder, right.folder) || compareNames(left.file, right.file);
}

/** Names that differ only in their numbers: dates, serials, releases. What `20260705.1` has more than `20260705` is newer. */
export function compareNames(left: string, right: string): number {
  const [a, b] = [left, right].map(numbersOf) as [number[], number[]];
  const index = a.findIndex((value, place) => value !== b[place]);
  return index === -1 || index >= b.length
    ? a.length - b.length
    : Math.sign((a[index] ?? 0) - (b[index] ?? 0));
}

/** Without the ending, whose numbers (`.x86_64.qcow2`) would stand where the other name has a further one. */
function numbersOf(name: string): number[] {
  return (name.replace(/(\.[a-z]\w*)+$/i, '').match(/\d+/g) ?? []).map(Number);
}
