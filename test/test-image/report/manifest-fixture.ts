import type { TreeEntry } from '../../../src/build/disk/list-tree.js';
import { type Manifest, makeManifest } from '../../../src/build/manifest/make-manifest.js';
import type { InstalledPackage } from '../../../src/build/manifest/read-packages.js';
import { resolveLock } from '../../../src/lock/resolve-lock.js';
import { compareText, digestOf } from '../../../src/plan/canonical-json.js';
import type { Plan } from '../../../src/plan/types.js';
import { specOf } from '../../helpers/plans.js';

/** 240 packages, as many as a baked Debian 12 has. */
export function packageList(): InstalledPackage[] {
  return Array.from({ length: 240 }, (_value, index) => ({
    name: `package-${String(index).padStart(3, '0')}`,
    version: `1:${index % 7}.${index}-3+deb12u${index % 9}`,
    architecture: index % 3 === 0 ? 'all' : 'amd64',
  }));
}

export function manifestOf(
  plan: Plan,
  { packages, release }: { packages: InstalledPackage[]; release: string },
): Manifest {
  const base = { name: 'base-files', version: `12.4+deb12u${release}`, architecture: 'amd64' };
  return makeManifest({
    plan,
    lock: resolveLock(specOf('debian12')),
    engine: 'mkosi',
    tools: { mkosi: '25.3-7' },
    packages: [base, ...packages],
    files: fileTree(plan, release),
    disk: { size: 3_759_165_440, sha256: '0'.repeat(64) },
  });
}

const PLANNED_SIZE = 40 * 1024 * 1024;

/** The planned files and 16,000 more, as many as a baked Debian 12 has; one of fifty depends on the release. */
function fileTree(plan: Plan, release: string): TreeEntry[] {
  const planned = plan.files.filter(({ type }) => type === 'file');
  const others = Array.from({ length: 16_000 }, (_value, index) => ({
    path: `/usr/${['lib/modules/6.1.0', 'share/locale', 'lib/python3', 'share/doc'][index % 4]}/d${index % 37}/f${index}`,
    size: 900 + ((index * 7919) % 40_000),
    seed: index % 50 === 0 ? release : '',
  }));
  const files = [
    ...planned.map((file) => ({ path: file.path, size: 'artifact' in file ? PLANNED_SIZE : 2048, seed: '' })),
    ...others,
  ];
  return files
    .map(({ path, size, seed }) => ({
      path,
      type: 'file' as const,
      mode: '0644',
      uid: 0,
      gid: 0,
      size,
      sha256: digestOf([path, seed]).slice(7),
    }))
    .sort((left, right) => compareText(left.path, right.path));
}
