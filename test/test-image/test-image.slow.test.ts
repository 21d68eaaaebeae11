import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import test, { type ExecutionContext } from 'ava';
import type { TestReport } from '../../src/test-image/types.js';
import { bake } from '../helpers/bake.js';
import { bakeFromDebian, TEST_IMAGES } from '../helpers/baked-image.js';

/**
 * What a change is proved with: these cells under QEMU and the whole matrix under user-mode Linux. The whole matrix under
 * QEMU is `scripts/test-matrix`, which takes most of an hour without KVM.
 */
const SUBMISSION: Record<string, string[]> = {
  // As a minion Debian 12 boots in cluster/single-node.slow.test.ts.
  debian12: ['master'],
  debian13: ['minion'],
};

for (const [os, cells] of Object.entries(SUBMISSION)) {
  test.serial(`${os} boots under QEMU as ${cells.join(', ')}`, async (t) => {
    const report = await testImage(t, os, ['--cell', ...cells]);
    t.log(`left out: ${report.left.map(({ cell }) => cell).join(', ')}`);
    t.deepEqual([...new Set(report.cells.map(({ cell }) => cell))].sort(), cells.toSorted());
  });

  test.serial(`${os} passes the whole matrix under user-mode Linux`, async (t) => {
    const report = await testImage(t, os, ['--rig', 'uml']);
    t.deepEqual(report.left, []);
  });
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
