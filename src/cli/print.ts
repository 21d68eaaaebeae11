import type { Action } from '../gate/gate.js';

/** Prints a verb's result on stdout: one JSON document with `--json`, the text otherwise. */
export function printResult(result: unknown, text: string, { json }: { json?: boolean | undefined }): void {
  process.stdout.write(json === true ? `${JSON.stringify(result, null, 2)}\n` : `${text.trimEnd()}\n`);
}

/** Columns padded to their widest cell, two spaces between, no trailing blanks. */
export function formatTable(rows: readonly (readonly string[])[]): string {
  const widths = rows.reduce<number[]>(
    (widest, row) => row.map((cell, index) => Math.max(cell.length, widest[index] ?? 0)),
    [],
  );
  return rows
    .map((row) =>
      row
        .map((cell, index) => cell.padEnd(widths[index] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** What a dry run would have done, one action a line. */
export function formatActions(actions: readonly Action[]): string {
  return actions
    .map(({ verb, target, reason }) => `${verb} ${target}${reason === undefined ? '' : `  (${reason})`}`)
    .join('\n');
}
