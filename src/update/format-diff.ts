import type { Changes, VersionChange } from '../build/manifest/compare-manifests.js';
import { formatSize, formatSizeChange } from '../test-image/report/quantities.js';
import type { DiffSide, ImageDiff } from './diff-images.js';

/** One table of a comparison; both formats are made of the same. */
interface Table {
  title: string;
  head: [string, string, string];
  rows: [string, string, string][];
}

/** As Markdown: what a weekly run puts into its summary. */
export function formatDiffMarkdown(diff: ImageDiff): string {
  const { os, network, arch } = diff.after.spec;
  const tables = tablesOf(diff).flatMap(({ title, head, rows }) => [
    `### ${title}`,
    [head, ['---', '---', '---'], ...rows].map((row) => `| ${row.map(cell).join(' | ')} |`).join('\n'),
  ]);
  return `${[`## ${os}, ${network}, ${arch}`, verdict(diff), ...tables].join('\n\n')}\n`;
}

/** As plain text for a terminal. */
export function formatDiff(diff: ImageDiff): string {
  const tables = tablesOf(diff).map(({ title, rows }) => {
    const width = Math.max(...rows.map(([name]) => name.length));
    const lines = rows.map(([name, before, after]) => `  ${name.padEnd(width)}  ${arrow(before, after)}`);
    return [title, ...lines].join('\n');
  });
  return [verdict(diff), ...tables].join('\n\n');
}

function verdict({ before, after, samePlan }: ImageDiff): string {
  return samePlan && before.imageId === after.imageId
    ? `Nothing changed: both are image ${shorten(after)}.`
    : `Image ${shorten(before)} became ${shorten(after)}.`;
}

function shorten({ imageId }: DiffSide): string {
  return imageId.replace('sha256:', '').slice(0, 8);
}

function tablesOf(diff: ImageDiff): Table[] {
  const { before, after } = diff;
  const facts: Table['rows'] = [
    ['Kubernetes', before.spec.kubernetes, after.spec.kubernetes],
    ['base', before.base, after.base],
    ['engine', before.engine, after.engine],
    ['files in all', size(before.fileSize), size(after.fileSize, before.fileSize)],
    ['disk', size(before.diskSize), size(after.diskSize, before.diskSize)],
  ];
  if (diff.packages === undefined) facts.push(['packages', count(before.packages), count(after.packages)]);
  const { added, removed, changed } = diff.plannedFiles;
  const planned: Table['rows'] = [
    ...changed.map((path): Table['rows'][number] => [path, 'planned', 'changed']),
    ...added.map((path): Table['rows'][number] => [path, '–', 'added']),
    ...removed.map((path): Table['rows'][number] => [path, 'planned', 'removed']),
  ];
  const tables: Table[] = [
    { title: 'Image', head: ['', 'before', 'after'], rows: facts },
    ...(diff.packages === undefined ? [] : [versionTable('Packages', 'package', diff.packages)]),
    versionTable('Pins', 'pin', diff.artifacts),
    { title: title('Planned files', diff.plannedFiles), head: ['path', 'before', 'after'], rows: planned },
  ];
  return tables.filter(({ rows }) => rows.length > 0);
}

function versionTable(name: string, column: string, changes: Changes<VersionChange>): Table {
  return { title: title(name, changes), head: [column, 'before', 'after'], rows: rowsOf(changes) };
}

function title(name: string, { added, removed, changed }: Changes<unknown>): string {
  return `${name}: ${changed.length} changed, ${added.length} added, ${removed.length} removed`;
}

function rowsOf({ added, removed, changed }: Changes<VersionChange>): Table['rows'] {
  return [...changed, ...added, ...removed].map(({ name, before, after }) => [
    name,
    before || '–',
    after || '–',
  ]);
}

/** An AMI's files and packages were never read: nobody knows. */
function count(packages: number | undefined): string {
  return packages === undefined ? 'unknown' : String(packages);
}

function size(bytes: number | undefined, before = bytes): string {
  if (bytes === undefined) return 'unknown';
  return before === bytes || before === undefined
    ? formatSize(bytes)
    : `${formatSize(bytes)} (${formatSizeChange(bytes - before)})`;
}

function arrow(before: string, after: string): string {
  return before === after ? after : `${before} → ${after}`;
}

/** A pipe would end the cell. */
function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}
