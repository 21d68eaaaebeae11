import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { MANIFEST } from '../build/image-folder.js';
import {
  type Changes,
  compareManifests,
  type ManifestComparison,
  type VersionChange,
} from '../build/manifest/compare-manifests.js';
import type { Manifest } from '../build/manifest/make-manifest.js';
import { KilnError } from '../errors.js';
import { canonicalJson, compareText } from '../plan/canonical-json.js';
import type { Plan, PlannedSpec } from '../plan/types.js';
import { describeBase } from './base/describe-base.js';

/** What one side of a comparison is. Sizes in bytes; not there for an image whose files were never read (an AMI). */
export interface DiffSide {
  folder: string;
  imageId: string;
  spec: PlannedSpec;
  engine: string;
  base: string;
  diskSize?: number;
  fileSize?: number;
  /** How many packages it has, where its manifest names them. */
  packages?: number;
}

/** What differs between two images. */
export interface ImageDiff {
  before: DiffSide;
  after: DiffSide;
  samePlan: boolean;
  /** Not there where one side's manifest names no packages. */
  packages?: Changes<VersionChange>;
  artifacts: Changes<VersionChange>;
  /** Paths of files that kiln puts there. */
  plannedFiles: Changes<string>;
  /** Not there where one side's manifest names no files. */
  files?: ManifestComparison['files'];
}

/** What the manifest of an AMI does not say. */
type Unread = 'packages' | 'files' | 'disk';

interface Side {
  folder: string;
  manifest: Manifest;
  plan: Plan;
  unread: readonly Unread[];
}

/**
 * Compares two image folders by their manifests and plans; the disks need not be there.
 *
 * @throws KilnError IMAGE_INVALID
 */
export async function diffImages(before: string, after: string): Promise<ImageDiff> {
  const [left, right] = await Promise.all([readSide(before), readSide(after)]);
  const { samePlan, packages, artifacts, files, ...sizes } = compareManifests(left.manifest, right.manifest);
  const unread = [...left.unread, ...right.unread];
  return {
    before: { ...describe(left), ...sizesOf(left, sizes.before) },
    after: { ...describe(right), ...sizesOf(right, sizes.after) },
    samePlan,
    ...(unread.includes('packages') ? {} : { packages }),
    artifacts,
    plannedFiles: plannedFileChanges(left.plan, right.plan),
    ...(unread.includes('files') ? {} : { files }),
  };
}

async function readSide(image: string): Promise<Side> {
  const isFolder = (await stat(image).catch(() => undefined))?.isDirectory() ?? false;
  const folder = path.resolve(isFolder ? image : path.dirname(image));
  const read = async (name: string): Promise<unknown> =>
    JSON.parse(await readFile(path.join(folder, name), 'utf8'));
  try {
    const manifest = (await read(MANIFEST)) as Manifest;
    // An AMI's manifest says nothing of a disk.
    const nothing = { packages: [], files: [], treeDigest: '', disk: { size: 0, sha256: '' } };
    const unread = (['packages', 'files', 'disk'] as const).filter((key) => manifest[key] === undefined);
    return { folder, manifest: { ...nothing, ...manifest }, plan: (await read('plan.json')) as Plan, unread };
  } catch (error) {
    throw new KilnError('IMAGE_INVALID', `${image} is not an image kiln baked: ${(error as Error).message}`, {
      hint: 'It takes the folder with manifest.json and plan.json; `bake list images` shows those baked here.',
    });
  }
}

function describe(side: Side) {
  const { folder, manifest, plan } = side;
  return { folder, imageId: manifest.imageId, spec: plan.spec, engine: manifest.engine, base: baseOf(side) };
}

/** A bake by mkosi starts from the distribution's archive, whatever official image the plan names. */
function baseOf({ manifest, plan }: Side): string {
  const { engine, lock } = manifest;
  if (lock.base === undefined && engine === 'mkosi') return 'the distribution’s archive, state not recorded';
  return describeBase(lock.base ?? plan.base);
}

function sizesOf({ manifest, unread }: Side, { diskSize, fileSize }: ManifestComparison['before']) {
  return {
    ...(unread.includes('disk') ? {} : { diskSize }),
    ...(unread.includes('files') ? {} : { fileSize }),
    ...(unread.includes('packages') ? {} : { packages: manifest.packages.length }),
  };
}

function plannedFileChanges(before: Plan, after: Plan): Changes<string> {
  const [left, right] = [before, after].map(
    ({ files }) => new Map(files.map((file) => [file.path, canonicalJson(file)])),
  ) as [Map<string, string>, Map<string, string>];
  const paths = [...new Set([...left.keys(), ...right.keys()])].sort(compareText);
  return {
    added: paths.filter((name) => !left.has(name)),
    removed: paths.filter((name) => !right.has(name)),
    changed: paths.filter((name) => left.has(name) && right.has(name) && left.get(name) !== right.get(name)),
  };
}
