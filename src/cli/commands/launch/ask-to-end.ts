import { createInterface } from 'node:readline/promises';
import { KilnError } from '../../../errors.js';

/**
 * Shows what of a cluster goes and asks whether to go on. @throws KilnError USAGE where nobody can be asked; INTERRUPTED unless
 * the answer is yes.
 */
export async function askToEnd(name: string, goes: readonly string[]): Promise<void> {
  const text = `This ends cluster ${name} for good:\n${goes.map((what) => `  ${what}\n`).join('')}`;
  if (process.stdin.isTTY !== true) {
    throw new KilnError('USAGE', text.trimEnd(), { hint: 'Say --yes to do it, --dry-run for every step.' });
  }
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await terminal.question(`${text}Go on? [y/N] `).finally(() => terminal.close());
  if (!/^y(es)?$/i.test(answer.trim())) throw new KilnError('INTERRUPTED', 'nothing was removed');
}
