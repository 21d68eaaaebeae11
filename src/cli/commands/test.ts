import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { detectAccelerator } from '../../boot/detect-accelerator.js';
import { qemuRig } from '../../boot/qemu-rig.js';
import type { Rig } from '../../boot/rig.js';
import { type FinishedImage, newestImage, openImage, SBOM } from '../../build/image-folder.js';
import { KilnError } from '../../errors.js';
import type { Gate } from '../../gate/gate.js';
import type { Progress } from '../../progress.js';
import { DEFAULTS } from '../../spec/defaults.js';
import { chooseCells } from '../../test-image/boot-cells.js';
import { formatTestReport } from '../../test-image/report/format-test-report.js';
import type { Sbom } from '../../test-image/report/views/parts-view.js';
import { writeReport } from '../../test-image/report/write-report.js';
import { testImage } from '../../test-image/test-image.js';
import type { TestReport } from '../../test-image/types.js';
import { requireTools } from '../../tools/check-tools.js';
import { formatActions, printResult } from '../print.js';
import { withSession } from '../session.js';

interface TestOptions {
  role?: string[] | undefined;
  cell?: string[] | undefined;
  rig: 'qemu' | 'uml';
  jobs?: string | undefined;
  report?: string | undefined;
  previous?: string | undefined;
  out?: string | undefined;
  dryRun?: true | undefined;
  json?: true | undefined;
}

/** Where the report goes when nobody says: beside the disk it is about. */
const REPORT_FOLDER = 'test-report';

/**
 * `bake test`: checks the image's disk, boots it in every cell of the matrix and writes the report.
 *
 * @throws KilnError TEST_FAILED when a check failed; UNKNOWN_NAME for a cell; IMAGE_INVALID.
 */
export async function runTest(name: string | undefined, options: TestOptions): Promise<void> {
  const image = await open(name, options);
  const previous = options.previous === undefined ? undefined : await openImage(options.previous);
  const cells = chooseCells(image.plan, [...(options.role ?? []), ...(options.cell ?? [])]);
  const jobs = parseJobs(options.jobs);
  requireTools('test');
  if (options.rig === 'uml') requireTools('test --rig uml');
  await withSession({ dryRun: options.dryRun }, async ({ gate, progress }) => {
    const rig = await makeRig(options.rig, { gate, progress, image });
    const report = await testImage({ gate, image, cells, rig, jobs, progress });
    const folder = path.resolve(options.report ?? path.join(image.folder, REPORT_FOLDER));
    if (report === undefined) return printDryRun(gate, folder, options);
    const { plan, manifest } = image;
    const sbom = await readSbom(image);
    const written = await writeReport({
      gate,
      report,
      plan,
      manifest,
      sbom,
      previous: previous?.manifest,
      folder,
    });
    progress.end();
    printResult({ ...report, written }, `${formatTestReport(report)}\n\n${written.join('\n')}`, options);
    throwIfFailed(report);
  });
}

function open(name: string | undefined, { out }: TestOptions): Promise<FinishedImage> {
  return name === undefined ? newestImage(out ?? DEFAULTS.out) : openImage(name);
}

/** The image's CycloneDX document, as far as the report shows it. */
async function readSbom({ folder }: FinishedImage): Promise<Sbom> {
  return JSON.parse(await readFile(path.join(folder, SBOM), 'utf8')) as Sbom;
}

function parseJobs(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^[1-9]\d?$/.test(text)) return Number(text);
  throw new KilnError('USAGE', `--jobs wants a number from 1 to 99, not ${JSON.stringify(text)}`);
}

async function makeRig(
  name: TestOptions['rig'],
  { gate, progress, image }: { gate: Gate; progress: Progress; image: FinishedImage },
): Promise<Rig> {
  if (name === 'qemu') return qemuRig(await detectAccelerator(gate));
  const { umlRig } = await import('../../boot/uml/uml-rig.js');
  const { kernelArguments } = image.plan;
  return await umlRig(gate, progress, { kernelArguments });
}

function printDryRun(gate: Gate, folder: string, options: TestOptions): void {
  const actions = [...gate.actions, { verb: 'write', target: folder }];
  printResult({ actions }, formatActions(actions), options);
}

function throwIfFailed({ failed, disk, cells, clones }: TestReport): void {
  if (failed === 0) return;
  const names = [...disk, ...clones, ...cells.flatMap(({ checks }) => checks)]
    .filter(({ status }) => status === 'failed')
    .map(({ check }) => check);
  throw new KilnError('TEST_FAILED', `${failed} checks failed: ${[...new Set(names)].join(', ')}`, {
    hint: 'Each is above, and in the report, with what was expected and what was found.',
  });
}
