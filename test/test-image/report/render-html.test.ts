import { createHash } from 'node:crypto';
import test from 'ava';
import { renderHtml } from '../../../src/test-image/report/render-html.js';
import { emptyReport, failed, fixture, reportOf, skipped } from './fixture.js';

const input = await fixture();
const html = renderHtml(input);

function matches(text: string, pattern: RegExp): string[] {
  return [...text.matchAll(pattern)].map((match) => match[1] ?? '');
}

test('sections come in this order', (t) => {
  t.deepEqual(matches(html, /<section id="([^"]+)"/g), [
    'failures',
    'grid',
    'left',
    'boots',
    'budget',
    'sizes',
    'parts',
    'planned',
    'changes',
  ]);
});

test('the verdict is one line, and the header says what was tested', (t) => {
  const header = /<header[\s\S]*<\/header>/.exec(html)?.[0] ?? '';
  t.regex(header, /127 passed, 11 failed, 24 skipped/);
  const { image } = input.report;
  for (const fact of [image.name, image.os, image.kubernetes, image.network, image.arch, image.planId]) {
    t.true(header.includes(fact), fact);
  }
  t.regex(header, /2026-11-21 12:50 UTC/);
  t.regex(header, /QEMU, emulated/);
});

test('asks nothing of the network and runs only what its policy names by digest', (t) => {
  t.deepEqual(matches(html, /\s(?:src|srcset|action|data|poster)="([^"]*)"/g), []);
  t.deepEqual(
    matches(html, /\shref="([^"]*)"/g).filter((target) => !target.startsWith('#')),
    [],
  );
  t.notRegex(html, /url\(|@import|<link|<iframe|<img/i);
  t.notRegex(html, /<[^>]+\s(?:on[a-z]+|style)=/i);
  const policy = /http-equiv="Content-Security-Policy" content="([^"]+)"/.exec(html)?.[1] ?? '';
  t.regex(policy, /^default-src &#x27;none&#x27;/);
  for (const tag of ['style', 'script']) {
    const bodies = matches(html, new RegExp(`<${tag}>([\\s\\S]*?)</${tag}>`, 'g'));
    t.is(bodies.length, 1);
    const digest = createHash('sha256')
      .update(bodies[0] ?? '')
      .digest('base64');
    t.true(policy.replaceAll('&#x3D;', '=').includes(`sha256-${digest}`), tag);
  }
});

test('is small, whatever is inside the image', (t) => {
  t.true(Buffer.byteLength(html) < 1_000_000, `${Buffer.byteLength(html)} bytes`);
});

test('a check that fails for thousands of things does not make it large', (t) => {
  const problems = Array.from({ length: 16_000 }, (_value, index) => ({
    subject: `/usr/lib/file-${index}`,
    message: `Expected 0644, found 0777 ${index}`,
  }));
  const checks = [failed('planned-files', 'Planned files', 16_000, problems)];
  const cells = input.report.cells.map((cell) => ({ ...cell, checks }));
  const large = renderHtml({ ...input, report: reportOf(input.plan, { cells }) });
  t.true(Buffer.byteLength(large) < 1_500_000, `${Buffer.byteLength(large)} bytes`);
  t.regex(large, /15,950 more problems of this check in report\.json/);
});

test('every id is there once, and every link within the page has its target', (t) => {
  const ids = matches(html, /\sid="([^"]*)"/g);
  t.deepEqual(
    ids.filter((id, index) => ids.indexOf(id) !== index),
    [],
  );
  const known = new Set(ids);
  t.deepEqual(
    matches(html, /\shref="#([^"]*)"/g).filter((id) => !known.has(id)),
    [],
  );
});

test('every element that is opened is closed, in order', (t) => {
  const body = html.replace(/<style>[\s\S]*?<\/style>|<script>[\s\S]*?<\/script>/g, '');
  const open: string[] = [];
  for (const [, close, name = '', selfClosed] of body.matchAll(/<(\/?)([a-z][a-z0-9]*)[^>]*?(\/?)>/gi)) {
    if (['meta', 'br', 'input'].includes(name) || selfClosed === '/') continue;
    if (close === '') open.push(name);
    else t.is(open.pop(), name);
  }
  t.deepEqual(open, []);
});

test('a square for each result, with a symbol and words, and skips say why', (t) => {
  const grid = /<table class="grid">[\s\S]*?<\/table>/.exec(html)?.[0] ?? '';
  const squares = matches(grid, /<td class="([a-z]+)">/g);
  const results = input.report.cells.flatMap(({ checks }) => checks);
  for (const status of ['passed', 'failed', 'skipped']) {
    t.is(
      squares.filter((square) => square === status).length,
      results.filter((result) => result.status === status).length,
      status,
    );
  }
  t.regex(grid, />✕<\/span><span class="figure">2<\/span><span class="unseen"> failed, master<\/span>/);
  t.regex(grid, /<span class="unseen"> skipped, no-user-data: nothing could be read inside the guest/);
  t.regex(html, /<dt>only looked at on the second boot<\/dt>/);
});

test('tables name their rows and columns', (t) => {
  for (const table of html.match(/<table[\s\S]*?<\/table>/g) ?? []) {
    t.regex(table, /<th scope="col"/);
    t.regex(table, /<th scope="row"/);
  }
});

test('what the guest or a package says cannot become markup', (t) => {
  const hostile = `<script>hacked()</script><img src=x onerror=hacked()>"'\`=&amp;\u001b[31m`;
  const problem = { subject: hostile, message: hostile, hint: hostile };
  const report = reportOf(input.plan, {
    disk: [failed(hostile, hostile, 1, [problem]), skipped('y', hostile, hostile)],
    left: [{ cell: hostile, reason: hostile }],
    cells: input.report.cells.map((cell) => ({
      ...cell,
      cell: `${hostile}-${cell.cell}`,
      title: hostile,
      consoleTail: [hostile],
      account: { ...cell.account, units: [{ name: hostile, started: 1, active: 2 }] },
    })),
  });
  report.image.name = hostile;
  const sbom = {
    components: [{ name: hostile, version: hostile, type: hostile, licenses: [{ expression: hostile }] }],
  };
  const page = renderHtml({ ...input, report, sbom });
  const inside = page.replace(/<script>(?!hacked)[\s\S]*?<\/script>/, '');
  t.notRegex(inside, /<script|<img/);
  t.false(page.includes('\u001b'));
  t.regex(page, /&lt;script&gt;hacked\(\)&lt;\/script&gt;/);
});

test('licences have a column once the document records one', (t) => {
  t.notRegex(html, /<th scope="col">Licence<\/th>/);
  t.regex(html, /It records no licences/);
  const sbom = {
    components: [
      { name: 'a', type: 'library', licenses: [{ license: { id: 'MIT' } }, { license: { name: 'Custom' } }] },
      { name: 'b', type: 'library', licenses: [{ expression: 'MIT OR Apache-2.0' }] },
    ],
  };
  const page = renderHtml({ ...input, sbom });
  t.regex(page, /<th scope="col">Licence<\/th>/);
  t.regex(page, /<td>MIT AND Custom<\/td>/);
  t.regex(page, /<td>MIT OR Apache-2\.0<\/td>/);
});

test('every part of the SBOM is there', (t) => {
  const table = /<table[^>]*id="parts-table"[\s\S]*?<\/table>/.exec(html)?.[0] ?? '';
  t.is(matches(table, /<th scope="row">([^<]+)</g).length, input.sbom.components?.length ?? 0);
  t.true(table.includes('package-239'));
});

test('the image before is told of only when there is one', (t) => {
  t.regex(html, /<th scope="row">base-files<\/th><td>12\.4\+deb12u13<\/td><td>12\.4\+deb12u15<\/td>/);
  t.regex(html, /320 changed, 0 added, 0 removed/);
  t.notRegex(renderHtml({ ...input, previous: undefined }), /<section id="changes"/);
});

test('a report without any check has no verdict to be proud of', (t) => {
  const page = renderHtml({ ...input, report: emptyReport(input.plan), previous: undefined });
  t.regex(page, /class="verdict skipped"/);
  t.deepEqual(matches(page, /<section id="([^"]+)"/g), ['grid', 'sizes', 'parts', 'planned']);
});

test('user-mode Linux is labelled as no proof', (t) => {
  t.notRegex(html, /QEMU is the proof/);
  const cells = input.report.cells.map((cell) => ({ ...cell, rig: 'uml' as const }));
  const page = renderHtml({ ...input, report: reportOf(input.plan, { cells, accelerator: 'uml' }) });
  t.regex(page, /QEMU is the proof/);
  t.regex(page, /<span class="again"> UML<\/span>/);
});
