import { readFileSync } from 'node:fs';
import { loadAll, YAMLException } from 'js-yaml';
import type { z } from 'zod';
import { type ErrorCode, KilnError } from '../errors.js';
import { pathKey, type YamlPlace, yamlPlaces } from './yaml-places.js';

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
  const result = schema.safeParse(parseSource(source, file, code) ?? {});
  if (result.success) return result.data;
  const places = yamlPlaces(source);
  const problems = result.error.issues.flatMap((issue) => describeIssue(issue, places, source, file));
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

function parseSource(source: string, file: string, code: ErrorCode): unknown {
  try {
    const documents = loadAll(source, { filename: file });
    if (documents.length > 1)
      throw new KilnError(code, `${file}:1:1: holds ${documents.length} YAML documents instead of one`);
    return documents[0];
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
  places: ReadonlyMap<string, YamlPlace>,
  source: string,
  file: string,
): Problem[] {
  // One issue may name several unknown keys, each at a place of its own.
  const paths: Path[] =
    issue.code === 'unrecognized_keys' ? issue.keys.map((key) => [...issue.path, key]) : [issue.path];
  return paths.map((at) => {
    const offset = nearestOffset(at, places);
    const message = issue.code === 'unrecognized_keys' ? 'unknown key' : issue.message;
    const where = at.length === 0 ? '' : `${formatPath(at)}: `;
    return { offset, text: `${file}:${lineAndColumn(source, offset)}: ${where}${message}` };
  });
}

function byPosition(left: Problem, right: Problem): number {
  return left.offset - right.offset;
}

/** What is missing has no place: its parent's stands for it. */
function nearestOffset(at: Path, places: ReadonlyMap<string, YamlPlace>): number {
  for (let length = at.length; length >= 0; length -= 1) {
    const place = places.get(pathKey(at.slice(0, length)));
    if (place !== undefined) return place.start;
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
