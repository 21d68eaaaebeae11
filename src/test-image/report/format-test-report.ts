import type { TestReport } from '../types.js';
import { groupFailures, groupLeftOut, type ProblemGroup } from './group-failures.js';
import { plainText } from './plain-text.js';
import { formatSeconds } from './quantities.js';
import { formatTally, type Suite, suitesOf, tally } from './suites.js';

/**
 * The report for a terminal: a line for each boot, then every problem once with the places it was found in and its mend,
 * what was skipped or left out and why, and the counts last.
 */
export function formatTestReport(report: TestReport): string {
  const { image } = report;
  const blocks = [
    [`${image.name}, ${describeAccelerator(report)}`],
    suiteLines(suitesOf(report)),
    ...groupFailures(report).map(({ check, title, groups }) => [
      `FAILED ${check}: ${title}`,
      ...groups.flatMap(groupLines),
    ]),
    skippedLines(report),
    leftLines(report),
    [formatTally(report, { full: true })],
  ];
  return blocks
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.map(plainText).join('\n'))
    .join('\n\n');
}

/** How the machines ran, in a few words. */
export function describeAccelerator({ accelerator }: Pick<TestReport, 'accelerator'>): string {
  if (accelerator === 'kvm') return 'QEMU with KVM';
  if (accelerator === 'tcg') return 'QEMU, emulated (no usable KVM)';
  return "user-mode Linux: not the image's own kernel, no proof";
}

function suiteLines(suites: readonly Suite[]): string[] {
  const rows = suites.map((suite) => {
    const counts = tally(suite.checks);
    const mark = counts.failed > 0 ? '✕' : counts.passed > 0 ? '✓' : '–';
    return [mark, suite.label, formatTally(counts), suite.cell ? formatSeconds(suite.cell.duration) : ''];
  });
  const widths = [0, 1, 2].map((column) => Math.max(0, ...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

function groupLines({ problems, hint, places }: ProblemGroup): string[] {
  return [
    ...problems.map(({ subject, message }) => `  ${subject}: ${indent(message)}`),
    `    in: ${places.map(({ label }) => label).join(', ')}`,
    ...(hint === undefined ? [] : [`    mend: ${indent(hint)}`]),
  ];
}

function indent(text: string): string {
  return text.trimEnd().replaceAll('\n', '\n      ');
}

/** Reasons first: one reason often covers many checks. */
function skippedLines(report: TestReport): string[] {
  const byReason = new Map<string, Map<string, string[]>>();
  for (const { label, checks } of suitesOf(report)) {
    for (const { check, reason } of checks.filter(({ status }) => status === 'skipped')) {
      const places = byReason.get(reason) ?? new Map<string, string[]>();
      byReason.set(reason, places.set(check, [...(places.get(check) ?? []), label]));
    }
  }
  if (byReason.size === 0) return [];
  const lines = [...byReason].flatMap(([reason, places]) => [
    `  ${indent(reason)}`,
    ...[...places].map(([check, labels]) => `    ${check}: ${labels.join(', ')}`),
  ]);
  return ['Skipped:', ...lines];
}

function leftLines(report: TestReport): string[] {
  if (report.left.length === 0) return [];
  const lines = groupLeftOut(report).map(({ reason, cells }) => `  ${indent(reason)}: ${cells.join(', ')}`);
  return ['Left out:', ...lines];
}
