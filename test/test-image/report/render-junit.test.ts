import test from 'ava';
import { execa } from 'execa';
import { renderJUnit } from '../../../src/test-image/report/render-junit.js';
import type { TestReport } from '../../../src/test-image/types.js';
import { planOf } from '../../helpers/plans.js';
import { emptyReport, failed, reportOf, skipped } from './fixture.js';

const plan = planOf('debian12');

/** An element as Python's XML parser, which knows nothing of kiln, reads it. */
interface Element {
  tag: string;
  attributes: Record<string, string>;
  text: string;
  children: Element[];
}

const READ = `
import json, sys, xml.etree.ElementTree as tree
def read(e): return {'tag': e.tag, 'attributes': e.attrib, 'text': e.text or '', 'children': [read(c) for c in e]}
json.dump(read(tree.fromstring(sys.stdin.buffer.read())), sys.stdout)
`;

async function parse(report: TestReport): Promise<Element> {
  const { stdout } = await execa('python3', ['-c', READ], { input: renderJUnit(report) });
  return JSON.parse(stdout) as Element;
}

test('a suite for the disk, each boot, the clones and what was left out', async (t) => {
  const { tag, children } = await parse(reportOf(plan));
  t.is(tag, 'testsuites');
  t.deepEqual(
    children.map(({ attributes }) => attributes.name),
    [
      'disk',
      'no-marker',
      'etcd',
      'etcd (rebooted)',
      'master',
      'master (rebooted)',
      'minion',
      'minion (rebooted)',
      'lb',
      'master-minion',
      'misspelt-marker',
      'no-cluster-name',
      'no-user-data',
      'clones',
      'left out',
    ],
  );
});

test('its counts are those of its cases, and of the report', async (t) => {
  const report = reportOf(plan);
  const { attributes, children } = await parse(report);
  for (const suite of children) {
    const cases = suite.children.filter(({ tag }) => tag === 'testcase');
    const having = (tag: string): string =>
      String(cases.filter((one) => one.children.some((child) => child.tag === tag)).length);
    t.is(suite.attributes.tests, String(cases.length));
    t.is(suite.attributes.failures, having('failure'));
    t.is(suite.attributes.skipped, having('skipped'));
    t.regex(suite.attributes.timestamp ?? '', /^2026-11-21T12:50:07$/);
  }
  const sum = (name: string): number =>
    children.reduce((total, suite) => total + Number(suite.attributes[name]), 0);
  t.is(Number(attributes.tests), sum('tests'));
  t.is(Number(attributes.failures), sum('failures'));
  t.is(Number(attributes.failures), report.failed);
  t.is(Number(attributes.skipped), sum('skipped'));
  t.is(Number(attributes.skipped), report.skipped + report.left.length);
});

test('a failure has message, text and mend; a failed boot its console', async (t) => {
  const { children } = await parse(reportOf(plan));
  const master = children.find(({ attributes }) => attributes.name === 'master');
  const sysctls = master?.children.find(({ attributes }) => attributes.name === 'sysctls');
  const [failure] = sysctls?.children ?? [];
  t.is(sysctls?.attributes.classname, 'kiln.cell-master');
  t.is(failure?.attributes.message, '2 problems');
  t.is(
    failure?.text,
    `net.ipv4.conf.all.rp_filter: Expected 0, found 2: /usr/lib/sysctl.d/50-default.conf sorts later
  mend: Name the file 99-kubernetes.conf.
vm.overcommit_memory: Expected 1, found 0`,
  );
  const output = master?.children.find(({ tag }) => tag === 'system-out');
  t.regex(output?.text ?? '', /^\[ {2}OK {2}\] Started ssh\.service - OpenBSD Secure Shell server\.$/m);
  t.regex(output?.text ?? '', /<script>alert\(1\)<\/script> & more/);
});

test('a skipped check has its reason', async (t) => {
  const { children } = await parse(reportOf(plan));
  const grow = children[0]?.children.find(({ attributes }) => attributes.name === 'disk-grow');
  t.deepEqual(
    grow?.children.map(({ tag, attributes }) => [tag, attributes.message]),
    [['skipped', 'needs 8 GiB of free space, there are 3.1 GiB']],
  );
});

test('hostile text comes back as it is, less what XML cannot hold', async (t) => {
  const hostile = `</failure>]]> & "quoted" 'single' \u0000\u001b[31mred\u001b[0m <![CDATA[ é 😀\n  second`;
  const report = reportOf(plan, {
    disk: [failed('x', 'X', 1, [{ subject: 's', message: hostile }]), skipped('y', 'Y', hostile)],
    cells: [],
    clones: [],
    left: [{ cell: 'z', reason: hostile }],
  });
  const clean = `</failure>]]> & "quoted" 'single' red <![CDATA[ é 😀\n  second`;
  const { children } = await parse(report);
  t.is(children[0]?.children[0]?.children[0]?.text, `s: ${clean}`);
  t.is(children[0]?.children[1]?.children[0]?.attributes.message, clean);
  t.is(children[1]?.children[0]?.children[0]?.attributes.message, clean);
});

test('an empty matrix is valid and has no suite', async (t) => {
  const { attributes, children } = await parse(emptyReport(plan));
  t.is(attributes.tests, '0');
  t.deepEqual(children, []);
});
