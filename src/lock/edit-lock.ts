import { dump, load } from 'js-yaml';
import { KilnError } from '../errors.js';
import { digestOf } from '../plan/canonical-json.js';
import { pathKey, type YamlPlace, yamlPlaces } from '../spec/yaml-places.js';
import type { Lock } from './lock.js';

type Path = readonly (string | number)[];

type Value = string | Readonly<Record<string, string>>;

/** What is to be written: a scalar over the old one, or a new key of a mapping that is there. */
interface Edit {
  path: Path;
  value: Value;
}

/**
 * The text of a lock file with its changed scalars replaced where they stand: comments, order, quotes and line ends stay. A
 * base that was not there is added at the end.
 *
 * @throws KilnError LOCK_INVALID when that would not give `after` (aliases, lists of another length)
 */
export function editLock({ text, before, after }: { text: string; before: Lock; after: Lock }): string {
  const edits = differences(before, after, []);
  const added = before.base === undefined && after.base !== undefined ? after.base : undefined;
  const edited = applyEdits(
    text,
    edits.filter(({ path }) => added === undefined || path[0] !== 'base'),
  );
  const result =
    added === undefined
      ? edited
      : edited.trimEnd() + linesOf({ base: added }, lineEndOf(text)) + lineEndOf(text);
  if (!says(result, after)) {
    throw new KilnError('LOCK_INVALID', 'The lock file is written in a way that cannot be changed in place', {
      hint: 'Take it away and let `bake update` write it anew.',
    });
  }
  return result;
}

function says(text: string, lock: Lock): boolean {
  try {
    return digestOf(load(text)) === digestOf(lock);
  } catch {
    return false;
  }
}

function differences(before: unknown, after: unknown, path: Path): Edit[] {
  if (typeof after === 'object' && after !== null) {
    // A mapping of scalars that was not there, such as a base's dates.
    if (before === undefined && !Array.isArray(after))
      return [{ path, value: after as Record<string, string> }];
    const old = typeof before === 'object' && before !== null ? before : {};
    return Object.entries(after).flatMap(([key, value]) =>
      differences((old as Record<string, unknown>)[key], value, [...path, key]),
    );
  }
  return after === undefined || after === before ? [] : [{ path, value: String(after) }];
}

/** From the last to the first, so that offsets stay true. */
function applyEdits(text: string, edits: readonly Edit[]): string {
  const places = yamlPlaces(text);
  const splices = edits.map(({ path, value }) => {
    const scalar = places.get(pathKey(path))?.scalar;
    return scalar === undefined || typeof value !== 'string'
      ? insertion(text, places, { path, value })
      : replacement(text, scalar, value);
  });
  return splices
    .toReversed()
    .toSorted((left, right) => right.start - left.start)
    .reduce((result, { start, end, content }) => result.slice(0, start) + content + result.slice(end), text);
}

interface Span {
  start: number;
  end: number;
}

interface Splice extends Span {
  content: string;
}

function replacement(text: string, { start, end }: Span, value: string): Splice {
  const quote = text[start - 1];
  if (quote !== '"' && quote !== "'") return { start, end, content: plain(value) };
  const content = quote === '"' ? JSON.stringify(value).slice(1, -1) : value.replaceAll("'", "''");
  return { start, end, content };
}

/** After the last scalar of its mapping, on a line of its own. */
function insertion(text: string, places: ReadonlyMap<string, YamlPlace>, { path, value }: Edit): Splice {
  const parent = pathKey(path.slice(0, -1));
  const last = [...places.values()]
    .filter((place) => place.scalar !== undefined && pathKey(place.path.slice(0, -1)) === parent)
    .at(-1);
  if (last?.scalar === undefined) return { start: 0, end: 0, content: '' };
  const rest = text.slice(last.scalar.end).search(/\r?\n/);
  const start = rest === -1 ? text.length : last.scalar.end + rest;
  const content = linesOf({ [path.at(-1) ?? '']: value }, lineEndOf(text), columnOf(text, last.start));
  return { start, end: start, content };
}

function columnOf(text: string, offset: number): number {
  return offset - (text.lastIndexOf('\n', offset - 1) + 1);
}

/** As YAML, each line after a line end. */
function linesOf(mapping: object, lineEnd: string, column = 0): string {
  const lines = dump(mapping, { lineWidth: -1, noRefs: true }).trimEnd().split('\n');
  return lines.map((line) => lineEnd + ' '.repeat(column) + line).join('');
}

/** A file's first line says how all of them end. */
function lineEndOf(text: string): string {
  return /\r?\n/.exec(text)?.[0] ?? '\n';
}

/** As YAML writes it: quoted where it must be. */
function plain(value: string): string {
  return dump(value, { lineWidth: -1 }).trimEnd();
}
