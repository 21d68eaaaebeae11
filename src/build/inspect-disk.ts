import { stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { digestFile } from '../artifacts/digest.js';
import { loadOs } from '../catalog/load-catalog.js';
import { KilnError } from '../errors.js';
import type { Gate } from '../gate/gate.js';
import type { Lock } from '../lock/lock.js';
import type { Plan } from '../plan/types.js';
import { listTree, type TreeEntry } from './disk/list-tree.js';
import { withDiskTree } from './disk/with-disk-tree.js';
import { DISK, MANIFEST, SBOM } from './image-folder.js';
import { formatManifest, makeManifest } from './manifest/make-manifest.js';
import { makeSbom } from './manifest/make-sbom.js';
import { type InstalledPackage, parsePackageTable, readPackages } from './manifest/read-packages.js';
import { scanHygiene, type Violation } from './manifest/scan-hygiene.js';
import type { EngineOutput } from './run-engine.js';

/** How many violations an error lists. */
const SHOWN_VIOLATIONS = 30;

/**
 * Reads the finished disk itself, whatever built it: refuses it when it identifies a machine or opens a door, and
 * writes `plan.json`, `sbom.cdx.json` and, last, `manifest.json` beside it.
 *
 * @throws KilnError HYGIENE_FAILED, IMAGE_INVALID
 */
export async function inspectDisk({
  gate,
  plan,
  lock,
  engine,
  engineOutput,
  folder,
}: {
  gate: Gate;
  plan: Plan;
  lock: Lock;
  engine: string;
  engineOutput: EngineOutput;
  folder: string;
}): Promise<void> {
  const disk = path.join(folder, DISK);
  const inside = await withDiskTree(gate, disk, (tree) => readTree(tree, engineOutput));
  if (inside === undefined) return;
  if (inside.violations.length > 0) throw unclean(inside.violations);
  const { files, packages } = inside;
  const facts = { size: (await stat(disk)).size, sha256: (await digestFile(disk)).replace('sha256:', '') };
  const manifest = makeManifest({
    plan,
    lock,
    engine,
    tools: engineOutput.tools,
    packages,
    files,
    disk: facts,
  });
  const { distribution } = loadOs(plan.spec.os);
  await gate.perform({ verb: 'write', target: path.join(folder, MANIFEST) }, async () => {
    await writeFile(path.join(folder, 'plan.json'), `${JSON.stringify(plan, null, 2)}\n`);
    await writeFile(path.join(folder, SBOM), await makeSbom({ manifest, distribution }));
    await writeFile(path.join(folder, MANIFEST), formatManifest(manifest));
  });
}

async function readTree(
  tree: string,
  { packageTable }: EngineOutput,
): Promise<{ files: TreeEntry[]; packages: InstalledPackage[]; violations: Violation[] }> {
  const files = await listTree(tree);
  const hasDpkg = files.some(({ path: file }) => file === '/var/lib/dpkg/status');
  const packages = hasDpkg ? await readPackages(tree) : parsePackageTable(packageTable ?? '');
  return { files, packages, violations: await scanHygiene({ tree, entries: files }) };
}

function unclean(violations: readonly Violation[]): KilnError {
  const lines = violations
    .slice(0, SHOWN_VIOLATIONS)
    .map(({ path: file, rule, detail }) => `  ${file}: ${detail} [${rule}]`);
  const more = violations.length > lines.length ? [`  and ${violations.length - lines.length} more`] : [];
  return new KilnError(
    'HYGIENE_FAILED',
    `The disk holds what no image may hold:\n${[...lines, ...more].join('\n')}`,
    {
      hint: 'Nothing was kept. The rules and what they allow are in catalog/hygiene.yaml.',
    },
  );
}
