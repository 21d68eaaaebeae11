import path from 'node:path';
import { writeFileAtomically } from '../../artifacts/write-file-atomically.js';
import type { Gate } from '../../gate/gate.js';
import { canonicalJson } from '../../plan/canonical-json.js';
import { type ReportInput, renderHtml } from './render-html.js';
import { renderJUnit } from './render-junit.js';

/**
 * Writes the report into a folder (made where it is missing): `report.html` for people, `report.json` (the `TestReport`,
 * keys sorted) and `report.xml` (JUnit) for programs, each whole or not at all. Returns their paths in this order.
 *
 * @throws KilnError OUT_DIR_UNWRITABLE, DISK_FULL
 */
export async function writeReport({
  gate,
  folder,
  ...input
}: ReportInput & { gate: Gate; folder: string }): Promise<string[]> {
  const files: [string, string][] = [
    ['report.html', renderHtml(input)],
    ['report.json', `${JSON.stringify(JSON.parse(canonicalJson(input.report)), null, 2)}\n`],
    ['report.xml', renderJUnit(input.report)],
  ];
  const written: string[] = [];
  for (const [name, content] of files) {
    const target = path.join(folder, name);
    await gate.perform({ verb: 'write', target, reason: 'the report of the test' }, () =>
      writeFileAtomically(target, content),
    );
    written.push(target);
  }
  return written;
}
