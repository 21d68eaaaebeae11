import type { CheckResult, TestReport } from '../types.js';
import { problemsOf } from './group-failures.js';
import { plainText } from './plain-text.js';
import { count } from './quantities.js';
import { type Suite, suitesOf, tally } from './suites.js';

/**
 * The report as JUnit XML, as test collectors read it: a suite for the disk, each boot and the clones, a case for each check.
 * Cells that did not run are skipped cases of a suite of their own. Checks have no time of their own; suites have the boot's.
 */
export function renderJUnit(report: TestReport): string {
  const suites = suitesOf(report).map((suite) => suiteElement(suite, report));
  if (report.left.length > 0) suites.push(leftElement(report));
  const seconds = report.cells.reduce((sum, { duration }) => sum + duration, 0);
  const attributes = {
    name: `bake test ${report.image.name}`,
    tests: report.passed + report.failed + report.skipped + report.left.length,
    failures: report.failed,
    errors: 0,
    skipped: report.skipped + report.left.length,
    time: seconds.toFixed(3),
  };
  return `<?xml version="1.0" encoding="UTF-8"?>\n${element('testsuites', attributes, suites)}\n`;
}

function suiteElement(suite: Suite, report: TestReport): string {
  const { passed, failed, skipped } = tally(suite.checks);
  const attributes = {
    name: suite.label,
    tests: passed + failed + skipped,
    failures: failed,
    errors: 0,
    skipped,
    time: (suite.cell?.duration ?? 0).toFixed(3),
    timestamp: timestamp(report),
  };
  const cases = suite.checks.map((check) => caseElement(check, suite));
  const console = failed > 0 ? (suite.cell?.consoleTail ?? []) : [];
  const output = console.length === 0 ? [] : [element('system-out', {}, [escapeXml(console.join('\n'))])];
  return element('testsuite', attributes, [...cases, ...output]);
}

function caseElement(result: CheckResult, { key }: Suite): string {
  const attributes = { name: result.check, classname: `kiln.${key}` };
  if (result.status === 'passed') return element('testcase', attributes);
  if (result.status === 'skipped')
    return element('testcase', attributes, [element('skipped', { message: result.reason })]);
  const problems = problemsOf(result);
  const text = problems.map(({ subject, message, hint }) => {
    const mend = hint === undefined ? '' : `\n  mend: ${hint}`;
    return `${subject}: ${message}${mend}`;
  });
  const message = problems.length === 1 ? (text[0]?.split('\n')[0] ?? '') : count(problems.length, 'problem');
  return element('testcase', attributes, [
    element('failure', { message, type: result.check }, [escapeXml(text.join('\n'))]),
  ]);
}

function leftElement(report: TestReport): string {
  const cases = report.left.map(({ cell, reason }) =>
    element('testcase', { name: cell, classname: 'kiln.left-out' }, [
      element('skipped', { message: reason }),
    ]),
  );
  const attributes = {
    name: 'left out',
    tests: cases.length,
    failures: 0,
    errors: 0,
    skipped: cases.length,
    time: '0.000',
    timestamp: timestamp(report),
  };
  return element('testsuite', attributes, cases);
}

/** The schemas in use allow neither fractions nor a zone; it is UTC. */
function timestamp({ at }: TestReport): string {
  return new Date(at).toISOString().slice(0, 19);
}

/** Children are XML already; attributes are plain. */
function element(
  name: string,
  attributes: Record<string, string | number>,
  children: readonly string[] = [],
): string {
  const pairs = Object.entries(attributes).map(([key, value]) => ` ${key}="${escapeXml(String(value))}"`);
  const open = `<${name}${pairs.join('')}`;
  return children.length === 0 ? `${open}/>` : `${open}>${children.join('\n')}</${name}>`;
}

const ENTITIES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\n': '&#10;',
};

function escapeXml(text: string): string {
  return plainText(text).replaceAll(/[&<>"\n]/g, (character) => ENTITIES[character] ?? character);
}
