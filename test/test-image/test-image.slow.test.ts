import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import test, { type ExecutionContext } from 'ava';
import type { BootCells } from '../../src/catalog/boot-cells.js';
import { loadRoles } from '../../src/catalog/load-catalog.js';
import { readYaml } from '../../src/catalog/read-yaml.js';
import type { TestReport } from '../../src/test-image/types.js';
import { bake } from '../helpers/bake.js';
import { bakeFromDebian, TEST_IMAGES } from '../helpers/baked-image.js';

/**
 * What a change is proved with: every cell once, on one OS or the other. The whole matrix of both under QEMU is
 * `scripts/test-matrix`, which takes most of an hour without KVM; what is left out here is printed.
 */
const SUBMISSION: Record<string, { qemu: string[]; uml: string[] }> = {
  // Debian 12 boots under QEMU, as master and minion in one, in cluster/single-node.slow.test.ts.
  debian12: {
    qemu: [],
    uml: ['master', 'lb', 'misspelt-marker', 'no-cluster-name', 'unknown-role', 'no-user-data', 'no-seed'],
  },
  debian13: { qemu: ['minion'], uml: ['no-marker', 'etcd', 'master-minion'] },
};

for (const [os, { qemu, uml }] of Object.entries(SUBMISSION)) {
  if (qemu.length > 0) {
    test.serial(`${os} boots under QEMU as ${qemu.join(', ')}`, async (t) => {
      await testCells(t, os, qemu, []);
    });
  }

  test.serial(`${os} boots under user-mode Linux as ${uml.join(', ')}`, async (t) => {
    await testCells(t, os, uml, ['--rig', 'uml']);
  });
}

test('every cell of the matrix is booted on one OS or the other', (t) => {
  const booted = Object.values(SUBMISSION).flatMap(({ qemu, uml }) => [...qemu, ...uml]);
  const all = [
    ...Object.keys(loadRoles()),
    ...(readYaml('boot-cells.yaml') as BootCells).cells.map(({ name }) => name),
  ];
  t.deepEqual(
    all.filter((cell) => !booted.includes(cell)),
    [],
  );
});

async function testCells(
  t: ExecutionContext,
  os: string,
  cells: readonly string[],
  args: readonly string[],
): Promise<void> {
  const report = await testImage(t, os, [...args, '--cell', ...cells]);
  t.log(`left out: ${report.left.map(({ cell }) => cell).join(', ')}`);
  t.deepEqual([...new Set(report.cells.map(({ cell }) => cell))].sort(), cells.toSorted());
}

/** Runs the real command; nothing may fail, and the report it wrote must be the one it printed. */
async function testImage(t: ExecutionContext, os: string, args: readonly string[]): Promise<TestReport> {
  const { folder } = await bakeFromDebian(t, ['--os', os, '--engine', 'mkosi']);
  const out = path.join(TEST_IMAGES, 'report', `${os}-${args.includes('uml') ? 'uml' : 'qemu'}`);
  const result = await bake(['test', folder, '--report', out, '--json', ...args]);
  t.is(result.exitCode, 0, result.stderr.slice(-4000));
  const report = JSON.parse(result.stdout) as TestReport & { written: string[] };
  const failed = [...report.disk, ...report.clones, ...report.cells.flatMap(({ checks }) => checks)].filter(
    ({ status }) => status === 'failed',
  );
  t.deepEqual(failed, []);
  t.true(report.passed > 0);
  for (const file of report.written) t.true(existsSync(file), file);
  const stored = JSON.parse(await readFile(path.join(out, 'report.json'), 'utf8')) as TestReport;
  t.is(stored.passed, report.passed);
  return report;
}
