import type { UpdateResult } from './update-lock.js';

/** The result of an update for people: what changed, what stays and why, what could not be asked. */
export function formatUpdate(result: UpdateResult): string {
  const { lock, changed, written, changes, kept, unanswered } = result;
  const state = written ? 'written' : changed ? 'not written (--check)' : 'nothing is newer';
  const rows = changes.map(({ name, before, after, reason }) => [name, `${before} → ${after}`, reason]);
  const sections = [
    `${lock}: ${state}`,
    section('changed', rows),
    section(
      'stays',
      kept.map(({ name, version, reason }) => [name, version, reason]),
    ),
    section(
      'could not be asked',
      unanswered.map(({ about, url, reason }) => [about, reason, url]),
    ),
  ];
  return sections.filter((text) => text !== '').join('\n\n');
}

function section(title: string, rows: readonly string[][]): string {
  if (rows.length === 0) return '';
  const [first = 0, second = 0] = [0, 1].map((column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  const lines = rows.map(([a = '', b = '', c = '']) =>
    `  ${a.padEnd(first)}  ${b.padEnd(second)}  ${c}`.trimEnd(),
  );
  return [title, ...lines].join('\n');
}
