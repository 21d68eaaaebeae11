import { readFileSync } from 'node:fs';
import { constructFromEvents, EVENT_ID, getScalarValue, parseEvents, YAMLException } from 'js-yaml';
import type { z } from 'zod';
import { type ErrorCode, KilnError } from '../errors.js';

type Events = ReturnType<typeof parseEvents>;
type Path = readonly PropertyKey[];

/**
 * Reads a YAML file and checks it against a schema; every problem is told at once, as `file:line:column: path: message`.
 * An empty file counts as an empty mapping.
 *
 * @throws KilnError with `code`
 */
export function parseYamlFile<T>({
  file,
  schema,
  code,
}: {
  file: string;
  schema: z.ZodType<T>;
  code: ErrorCode;
}): T {
  const source = readSource(file, code);
  const { events, value } = parseSource(source, file, code);
  const result = schema.safeParse(value ?? {});
  if (result.success) return result.data;
  const offsets = offsetsByPath(events, source);
  const problems = result.error.issues.flatMap((issue) => describeIssue(issue, offsets, source, file));
  throw new KilnError(
    code,
    `${file} is not valid:\n${problems
      .sort(byPosition)
      .map(({ text }) => `  ${text}`)
      .join('\n')}`,
  );
}

function readSource(file: string, code: ErrorCode): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const reason =
      error instanceof Error ? error.message.replace(/^(\w+): ([^,]+),.*$/s, '$2') : String(error);
    throw new KilnError(code, `Cannot read ${file}: ${reason}`, { cause: error });
  }
}

function parseSource(source: string, file: string, code: ErrorCode): { events: Events; value: unknown } {
  try {
    const events = parseEvents(source, { filename: file });
    const documents = constructFromEvents(events, { source, filename: file });
    if (documents.length > 1)
      throw new KilnError(code, `${file}:1:1: holds ${documents.length} YAML documents instead of one`);
    return { events, value: documents[0] };
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error;
    const { line = 0, column = 0 } = error.mark ?? {};
    throw new KilnError(code, `${file} is not valid:\n  ${file}:${line + 1}:${column + 1}: ${error.reason}`, {
      cause: error,
    });
  }
}

interface Problem {
  offset: number;
  text: string;
}

function describeIssue(
  issue: z.core.$ZodIssue,
  offsets: ReadonlyMap<string, number>,
  source: string,
  file: string,
): Problem[] {
  // One issue may name several unknown keys, each at a place of its own.
  const paths: Path[] =
    issue.code === 'unrecognized_keys' ? issue.keys.map((key) => [...issue.path, key]) : [issue.path];
  return paths.map((at) => {
    const offset = nearestOffset(at, offsets);
    const message = issue.code === 'unrecognized_keys' ? 'unknown key' : issue.message;
    const where = at.length === 0 ? '' : `${formatPath(at)}: `;
    return { offset, text: `${file}:${lineAndColumn(source, offset)}: ${where}${message}` };
  });
}

function byPosition(left: Problem, right: Problem): number {
  return left.offset - right.offset;
}

/** What is missing has no place: its parent's stands for it. */
function nearestOffset(at: Path, offsets: ReadonlyMap<string, number>): number {
  for (let length = at.length; length >= 0; length -= 1) {
    const offset = offsets.get(pathKey(at.slice(0, length)));
    if (offset !== undefined) return offset;
  }
  return 0;
}

function lineAndColumn(source: string, offset: number): string {
  const before = source.slice(0, offset).split('\n');
  return `${before.length}:${(before.at(-1) ?? '').length + 1}`;
}

/** `artifacts[2].digest` */
function formatPath(at: Path): string {
  return at
    .map((part, index) =>
      typeof part === 'number' ? `[${part}]` : `${index === 0 ? '' : '.'}${String(part)}`,
    )
    .join('');
}

function pathKey(at: Path): string {
  return JSON.stringify(at.map(String));
}

/**
 * Where each value of the document begins. The parser's events are a flat walk of the tree; in a mapping, scalars that
 * come first, third, … are keys, and a value's place is that of its key, which is where a person looks.
 */
function offsetsByPath(events: Events, source: string): Map<string, number> {
  const offsets = new Map<string, number>();
  const stack: {
    kind: 'document' | 'sequence' | 'mapping';
    path: string[];
    index: number;
    key: string | undefined;
  }[] = [];
  function enter(offset: number): string[] {
    const parent = stack.at(-1);
    if (parent === undefined || parent.kind === 'document') {
      offsets.set(pathKey([]), offset);
      return [];
    }
    const at = [...parent.path, parent.kind === 'mapping' ? (parent.key ?? '') : String(parent.index)];
    if (parent.kind === 'sequence') offsets.set(pathKey(at), offset);
    parent.key = undefined;
    parent.index += 1;
    return at;
  }
  for (const event of events) {
    const parent = stack.at(-1);
    switch (event.type) {
      case EVENT_ID.DOCUMENT:
        stack.push({ kind: 'document', path: [], index: 0, key: undefined });
        break;
      case EVENT_ID.SEQUENCE:
      case EVENT_ID.MAPPING:
        stack.push({
          kind: event.type === EVENT_ID.MAPPING ? 'mapping' : 'sequence',
          path: enter(event.start),
          index: 0,
          key: undefined,
        });
        break;
      case EVENT_ID.SCALAR:
        if (parent?.kind === 'mapping' && parent.key === undefined) {
          parent.key = getScalarValue(source, event);
          offsets.set(pathKey([...parent.path, parent.key]), event.valueStart);
        } else enter(event.valueStart);
        break;
      case EVENT_ID.ALIAS:
        enter(event.anchorStart);
        break;
      default:
        stack.pop();
    }
  }
  return offsets;
}
