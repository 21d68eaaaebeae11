import type { Lock } from '../../lock/lock.js';
import { digestOf } from '../../plan/canonical-json.js';
import type { Plan } from '../../plan/types.js';
import type { TreeEntry } from '../disk/list-tree.js';
import type { InstalledPackage } from './read-packages.js';

/** `manifest.json`: what one image is made of. Equal inputs give equal bytes; it holds no time and no machine's name. */
export interface Manifest {
  version: 1;
  imageId: string;
  plan: { digest: string; spec: Plan['spec']; verdict: Plan['verdict'] };
  engine: string;
  /** Programs that made the disk, with their versions. */
  tools: Record<string, string>;
  disk: { size: number; sha256: string };
  lock: Lock;
  packages: InstalledPackage[];
  /** Over `files`: equal for two bakes whose files are all equal. */
  treeDigest: string;
  files: TreeEntry[];
}

/** Puts a manifest together; pure. `disk.sha256` is 64 hex digits, without a prefix. */
export function makeManifest({
  plan,
  lock,
  engine,
  tools,
  packages,
  files,
  disk,
}: {
  plan: Plan;
  lock: Lock;
  engine: string;
  tools: Record<string, string>;
  packages: InstalledPackage[];
  files: TreeEntry[];
  disk: { size: number; sha256: string };
}): Manifest {
  return {
    version: 1,
    imageId: plan.id,
    plan: { digest: plan.id, spec: plan.spec, verdict: plan.verdict },
    engine,
    tools,
    disk,
    lock,
    packages,
    treeDigest: digestOf(files),
    files,
  };
}

/** One line per file and package, so that two manifests can be told apart by any line tool. */
export function formatManifest(manifest: Manifest): string {
  const { files, packages, ...rest } = manifest;
  const head = JSON.stringify(rest, null, 2).replace(/\n\}$/, '');
  return `${head},\n  "packages": ${lines(packages)},\n  "files": ${lines(files)}\n}\n`;
}

function lines(items: readonly unknown[]): string {
  if (items.length === 0) return '[]';
  return `[\n${items.map((item) => `    ${JSON.stringify(item)}`).join(',\n')}\n  ]`;
}
