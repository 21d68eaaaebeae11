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

/** What a dry run would have done, one action a line; below a call to an API, what it is made with. */
export function formatActions(actions: readonly Action[]): string {
  return actions
    .map(({ verb, target, reason, parameters }) => {
      const line = `${verb} ${target}${reason === undefined ? '' : `  (${reason})`}`;
      return [line, ...formatValue(parameters, '    ')].join('\n');
    })
    .join('\n');
}

/** A value as lines of `name: value`, what is inside of another further in. */
function formatValue(value: unknown, indent: string): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, child]) => {
    if (child === undefined) return [];
    const name = Array.isArray(value) ? '-' : `${key}:`;
    if (typeof child !== 'object' || child === null) return [`${indent}${name} ${String(child)}`];
    const inner = formatValue(child, `${indent}  `);
    // An item of a list begins on the line of its dash.
    const [first = '', ...rest] = inner;
    return Array.isArray(value)
      ? [`${indent}- ${first.trimStart()}`, ...rest]
      : [`${indent}${name}`, ...inner];
  });
}
