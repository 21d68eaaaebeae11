import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'ava';
import { createGate } from '../../../src/gate/gate.js';
import { writeReport } from '../../../src/test-image/report/write-report.js';
import { fixture } from './fixture.js';

test('writes the three reports and nothing else, over those of before', async (t) => {
  const folder = await mkdtemp(path.join(tmpdir(), 'kiln-report-'));
  t.teardown(() => rm(folder, { recursive: true }));
  const input = await fixture();
  await writeReport({ gate: createGate({}), folder: path.join(folder, 'a', 'b'), ...input });
  const written = await writeReport({ gate: createGate({}), folder: path.join(folder, 'a', 'b'), ...input });
  t.deepEqual(
    written.map((file) => path.relative(folder, file)),
    ['a/b/report.html', 'a/b/report.json', 'a/b/report.xml'],
  );
  t.deepEqual((await readdir(path.join(folder, 'a', 'b'))).sort(), [
    'report.html',
    'report.json',
    'report.xml',
  ]);
  t.regex(await readFile(written[0] ?? '', 'utf8'), /^<!doctype html>/);
  t.regex(await readFile(written[2] ?? '', 'utf8'), /^<\?xml /);
});

test('report.json is the report, keys sorted', async (t) => {
  const folder = await mkdtemp(path.join(tmpdir(), 'kiln-report-'));
  t.teardown(() => rm(folder, { recursive: true }));
  const input = await fixture();
  const [, file = ''] = await writeReport({ gate: createGate({}), folder, ...input });
  const text = await readFile(file, 'utf8');
  t.deepEqual(JSON.parse(text), input.report);
  t.deepEqual(Object.keys(JSON.parse(text) as object), Object.keys(input.report).sort());
});

test('a dry run names the files and writes none', async (t) => {
  const folder = path.join(tmpdir(), 'kiln-report-never-made');
  const gate = createGate({ dryRun: true });
  await writeReport({ gate, folder, ...(await fixture()) });
  t.deepEqual(
    gate.actions.map(({ verb, target }) => `${verb} ${path.basename(target)}`),
    ['write report.html', 'write report.json', 'write report.xml'],
  );
  await t.throwsAsync(readdir(folder), { code: 'ENOENT' });
});

test('a folder that is a file is refused', async (t) => {
  const folder = await mkdtemp(path.join(tmpdir(), 'kiln-report-'));
  t.teardown(() => rm(folder, { recursive: true }));
  const file = path.join(folder, 'file');
  await writeFile(file, '');
  const input = await fixture();
  await t.throwsAsync(writeReport({ gate: createGate({}), folder: file, ...input }), {
    code: 'OUT_DIR_UNWRITABLE',
  });
});
