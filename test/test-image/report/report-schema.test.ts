import { readFileSync, writeFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import test from 'ava';
import { repositoryPath } from '../../../src/repository.js';
import { reportJsonSchema, testReportSchema } from '../../../src/test-image/report/report-schema.js';
import { planOf } from '../../helpers/plans.js';
import { emptyReport, reportOf } from './fixture.js';

const plan = planOf('debian12');
const FILE = repositoryPath('docs', 'test-report.schema.json');

function validate(report: unknown): boolean {
  const ajv = new Ajv2020({ strict: true });
  formats.default(ajv);
  return ajv.validate(JSON.parse(readFileSync(FILE, 'utf8')) as object, report);
}

test('docs/test-report.schema.json is what the code says', (t) => {
  if (process.env.KILN_RECORD_GOLDEN === '1') {
    writeFileSync(FILE, reportJsonSchema());
    t.fail('recorded; run again without KILN_RECORD_GOLDEN');
  }
  t.deepEqual(
    JSON.parse(readFileSync(FILE, 'utf8')),
    JSON.parse(reportJsonSchema()),
    'record it with KILN_RECORD_GOLDEN=1, then `npx biome format --write docs`',
  );
});

test('full and empty reports satisfy it', (t) => {
  for (const report of [reportOf(plan), emptyReport(plan)]) {
    t.deepEqual(testReportSchema.parse(report), report);
    t.true(validate(report));
  }
});

test('what is no report does not', (t) => {
  const report = reportOf(plan);
  t.false(validate({ ...report, schema: 2 }));
  t.false(validate({ ...report, extra: 1 }));
  t.false(validate({ ...report, at: 'yesterday' }));
  t.false(validate({ ...report, disk: [{ ...report.disk[0], status: 'fine' }] }));
});
