import type { TemplateRecord } from '../../../render/render-template.js';
import type { CheckResult, TestReport } from '../../types.js';
import { problemsOf } from '../group-failures.js';
import { count, formatSeconds } from '../quantities.js';
import { formatTally, type Suite, slug, suitesOf, tally } from '../suites.js';

const SYMBOLS = { passed: '✓', failed: '✕', skipped: '–' };
const MOST_PROBLEMS = 20;

/** Where the page tells about one check in one place. */
export function checkId({ key }: Pick<Suite, 'key'>, check: string): string {
  return `${key}--${slug(check)}`;
}

/** The grid of checks by boots, the checks that need no boot, why some were skipped, and the details of each. */
export function gridView(report: TestReport): TemplateRecord {
  const suites = suitesOf(report);
  const boots = suites.filter(({ cell }) => cell !== undefined);
  return {
    hasBoots: boots.length > 0,
    columns: boots.map((suite) => ({
      label: suite.cell?.cell ?? '',
      again: suite.cell?.boot === 2,
      title: suite.title,
      uml: suite.cell?.rig === 'uml',
    })),
    rows: rowTitles(boots).map(([check, title]) => rowView(check, title, boots)),
    panels: suites
      .filter(({ cell }) => cell === undefined)
      .map((suite) => ({
        title: suite.title,
        squares: suite.checks.map((result) => ({ ...squareView(result, suite), title: result.title })),
      })),
    reasons: reasonsView(suites),
    hasReasons: suites.some(({ checks }) => checks.some(({ status }) => status === 'skipped')),
    details: suites.map(detailsView),
  };
}

/** Every check of any boot, in the order the boots first name them. */
function rowTitles(boots: readonly Suite[]): [string, string][] {
  const titles = new Map<string, string>();
  for (const { check, title } of boots.flatMap(({ checks }) => checks)) {
    if (!titles.has(check)) titles.set(check, title);
  }
  return [...titles];
}

function rowView(check: string, title: string, boots: readonly Suite[]): TemplateRecord {
  const results = boots.map((suite) => suite.checks.find((result) => result.check === check));
  return {
    title,
    clean: results.every((result) => result === undefined || result.status === 'passed'),
    squares: boots.map((suite, index) => squareView(results[index], suite)),
  };
}

function squareView(result: CheckResult | undefined, suite: Suite): TemplateRecord {
  if (result === undefined)
    return { status: 'absent', symbol: '·', figure: '', text: 'not part of this boot', id: '' };
  return {
    status: result.status,
    symbol: SYMBOLS[result.status],
    figure: figure(result),
    text: `${result.status}, ${suite.label}${result.status === 'skipped' ? `: ${result.reason}` : ''}`,
    id: checkId(suite, result.check),
  };
}

/** How many things were found right, or how many wrong. */
function figure(result: CheckResult): string {
  if (result.status === 'skipped') return 'skip';
  return String(result.status === 'failed' ? problemsOf(result).length : result.examined);
}

function reasonsView(suites: readonly Suite[]): TemplateRecord[] {
  const reasons = new Map<string, Map<string, string[]>>();
  for (const { label, checks } of suites) {
    for (const { reason, title } of checks.filter(({ status }) => status === 'skipped')) {
      const titles = reasons.get(reason) ?? new Map<string, string[]>();
      reasons.set(reason, titles);
      titles.set(title, [...(titles.get(title) ?? []), label]);
    }
  }
  return [...reasons].map(([reason, titles]) => ({ reason, groups: groupByPlaces(titles) }));
}

/** Checks skipped in the same places are told together. */
function groupByPlaces(titles: ReadonlyMap<string, string[]>): TemplateRecord[] {
  const groups = new Map<string, string[]>();
  for (const [title, labels] of titles) {
    const places = labels.join(', ');
    groups.set(places, [...(groups.get(places) ?? []), title]);
  }
  return [...groups].map(([places, all]) => ({ places, titles: all.join(' · ') }));
}

function detailsView(suite: Suite): TemplateRecord {
  const duration = suite.cell === undefined ? '' : `, ${formatSeconds(suite.cell.duration)}`;
  return {
    title: suite.title,
    label: suite.label,
    tally: `${formatTally(tally(suite.checks))}${duration}`,
    failed: tally(suite.checks).failed > 0,
    checks: suite.checks.map((result) => ({
      id: checkId(suite, result.check),
      title: result.title,
      check: result.check,
      status: result.status,
      symbol: SYMBOLS[result.status],
      examined: result.status === 'skipped' ? '' : `looked at ${result.examined.toLocaleString('en')}`,
      said: said(result),
    })),
  };
}

function said(result: CheckResult): string[] {
  if (result.status === 'skipped') return [result.reason];
  if (result.status === 'passed') return [];
  const problems = problemsOf(result);
  const more = problems.length - MOST_PROBLEMS;
  return [
    ...problems.slice(0, MOST_PROBLEMS).map(({ subject, message }) => `${subject}: ${message}`),
    ...(more > 0 ? [`${count(more, 'more problem')} in report.json`] : []),
  ];
}
