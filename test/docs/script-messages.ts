import { readdirSync, readFileSync } from 'node:fs';
import { repositoryPath } from '../../src/repository.js';

const HELPERS = 'rootfs/usr/libexec/kiln';
/** What a value a script fills in is written as. */
export const GAP = '…';

/** Script (path below the helpers' folder) → what it tells as FAILED, with a gap for each value it fills in. */
export function failureMessages(): Map<string, string[]> {
  const scripts = readdirSync(repositoryPath(HELPERS), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name !== 'lib.sh')
    .map((entry) => `${entry.parentPath}/${entry.name}`);
  return new Map(
    scripts.map((file) => [
      file.slice(file.indexOf(HELPERS) + HELPERS.length + 1),
      messagesOf(readFileSync(file, 'utf8')),
    ]),
  );
}

/** The text of a script, its quotes as they are printed. */
export function scriptText(script: string): string {
  return withoutEscapes(readFileSync(repositoryPath(HELPERS, script), 'utf8'));
}

function messagesOf(script: string): string[] {
  const code = script.replaceAll(/^\s*#.*$/gm, '');
  const calls = [...code.matchAll(/(?<![\w./-])(?:fail|problem|found) (?=["'])/g)];
  const messages = calls.map(({ index, 0: call }) => withGaps(quoted(code, index + call.length)));
  const echoed = [...code.matchAll(/echo 'kiln: FAILED: ([^']+)'/g)].map((match) => match[1] ?? '');
  // A helper that only hands a message on has nothing but a gap.
  return [...new Set([...messages, ...echoed])].filter((message) => /[a-z]{3}/.test(message)).sort();
}

/** The quoted word that begins at `start`, without its quotes. */
function quoted(code: string, start: number): string {
  const quote = code[start];
  if (quote === "'") return code.slice(start + 1, code.indexOf("'", start + 1)).replaceAll('$', '\\$');
  let end = start + 1;
  while (code[end] !== '"') end = afterOne(code, end);
  return code.slice(start + 1, end);
}

/** The index after the character, escape or expansion at `index`. */
function afterOne(code: string, index: number): number {
  if (code[index] === '\\') return index + 2;
  const open = code.slice(index, index + 2);
  if (open !== '$(' && open !== '${') return index + 1;
  const close = open === '$(' ? ')' : '}';
  let end = index + 2;
  while (code[end] !== close) end = afterOne(code, end);
  return end + 1;
}

function withGaps(text: string): string {
  let result = '';
  for (let index = 0; index < text.length; ) {
    const end = afterOne(text, index);
    const name = /^\$(?:\w+|#)/.exec(text.slice(index))?.[0];
    if (end > index + 2) [result, index] = [result + GAP, end];
    else if (name !== undefined) [result, index] = [result + GAP, index + name.length];
    else [result, index] = [result + text.slice(index, end), end];
  }
  return withoutEscapes(result).replaceAll(/(…[\s…]*)+…/g, GAP);
}

function withoutEscapes(text: string): string {
  return text.replaceAll(/\\(["$`\\])/g, '$1');
}
