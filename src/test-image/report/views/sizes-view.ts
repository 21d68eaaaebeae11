import type { TreeEntry } from '../../../build/disk/list-tree.js';
import type { Manifest } from '../../../build/manifest/make-manifest.js';
import type { Plan } from '../../../plan/types.js';
import type { TemplateRecord } from '../../../render/render-template.js';
import { count, formatSize } from '../quantities.js';

/** How many bars of folders the page shows, about. */
const MOST_FOLDERS = 16;
/** How many parts a folder is split into at once; the rest of it stays one bar. */
const MOST_PARTS = 7;
/** What is smaller than this share of the whole is told with its folder. */
const LEAST_SHARE = 0.01;

interface Share {
  name: string;
  bytes: number;
  /** Shown under the name. */
  note: string;
}

/** Where the bytes are: by component of kiln's own, and by folder. Sizes are those of the files, links not followed. */
export function sizesView(plan: Plan, manifest: Manifest): TemplateRecord {
  const files = manifest.files.filter(({ type }) => type === 'file');
  const bytes = sum(files);
  const components = componentShares(plan, manifest);
  const rest = bytes - components.reduce((total, share) => total + share.bytes, 0);
  const everything = [
    ...components,
    { name: 'the system', bytes: rest, note: count(manifest.packages.length, 'package') },
  ].sort((left, right) => right.bytes - left.bytes);
  return {
    disk: formatSize(manifest.disk.size),
    total: formatSize(bytes),
    files: files.length.toLocaleString('en'),
    components: barsView(everything, bytes),
    folders: barsView(folderShares(files), bytes),
  };
}

function sum(files: readonly TreeEntry[]): number {
  return files.reduce((total, { size = 0 }) => total + size, 0);
}

/** Components by name with their version and how many files they brought. */
function componentShares(plan: Plan, { files }: Manifest): Share[] {
  const sizes = new Map(files.map(({ path, size = 0 }) => [path, size]));
  const versions = new Map(plan.artifacts.map(({ name, version }) => [name, version]));
  const shares = new Map<string, { bytes: number; files: number }>();
  for (const file of plan.files) {
    if (file.type !== 'file' || !('artifact' in file)) continue;
    const share = shares.get(file.artifact) ?? { bytes: 0, files: 0 };
    share.bytes += sizes.get(file.path) ?? 0;
    share.files += 1;
    shares.set(file.artifact, share);
  }
  return [...shares].map(([name, share]) => ({
    name,
    bytes: share.bytes,
    note: `${versions.get(name) ?? ''}, ${count(share.files, 'file')}`,
  }));
}

/** A folder as its entries add up to it. */
interface Folder {
  path: string;
  bytes: number;
  children: Folder[];
}

/** Splits the largest folder again and again until there are enough bars; what is small stays with its folder. */
function folderShares(files: readonly TreeEntry[]): Share[] {
  const root = makeFolder(files);
  const least = root.bytes * LEAST_SHARE;
  let bars: Bar[] = [{ ...root, note: '' }];
  while (bars.length < MOST_FOLDERS) {
    const widest = bars
      .filter(({ children }) => children.some(({ bytes }) => bytes >= least))
      .reduce<Bar | undefined>((best, bar) => (bar.bytes > (best?.bytes ?? 0) ? bar : best), undefined);
    if (widest === undefined) break;
    bars = [...bars.filter((bar) => bar !== widest), ...splitFolder(widest, least)];
  }
  return bars
    .map(({ path, bytes, note }) => ({ name: path, bytes, note }))
    .sort((left, right) => right.bytes - left.bytes);
}

type Bar = Folder & { note: string };

function splitFolder({ path, bytes, children }: Folder, least: number): Bar[] {
  const large = children
    .filter((child) => child.bytes >= least)
    .sort((left, right) => right.bytes - left.bytes)
    .slice(0, MOST_PARTS);
  const rest = large.reduce((left, child) => left - child.bytes, bytes);
  return [
    ...large.map((child) => ({ ...child, note: '' })),
    ...(rest > 0 ? [{ path, bytes: rest, children: [], note: 'the rest of it' }] : []),
  ];
}

function makeFolder(files: readonly TreeEntry[]): Folder {
  const root: Folder = { path: '/', bytes: 0, children: [] };
  const folders = new Map([['', root]]);
  for (const { path, size = 0 } of files) {
    let folder = root;
    folder.bytes += size;
    for (let end = path.indexOf('/', 1); folder.path !== path; end = path.indexOf('/', end + 1)) {
      const name = end === -1 ? path : path.slice(0, end);
      let child = folders.get(name);
      if (child === undefined) {
        child = { path: name, bytes: 0, children: [] };
        folders.set(name, child);
        folder.children.push(child);
      }
      child.bytes += size;
      folder = child;
    }
  }
  return root;
}

function barsView(shares: readonly Share[], whole: number): TemplateRecord[] {
  const largest = Math.max(1, ...shares.map(({ bytes }) => bytes));
  return shares.map(({ name, bytes, note }) => ({
    name,
    note,
    size: formatSize(bytes),
    share: `${((100 * bytes) / Math.max(1, whole)).toFixed(1)} %`,
    width: `${((100 * bytes) / largest).toFixed(2)}%`,
  }));
}
