import test from 'ava';
import { checked, goodContext, problemsOf, seedlessContext } from './context.js';

test('another data source than the seed', (t) => {
  for (const datasource of [
    'DataSourceNone',
    'DataSourceEc2Local',
    'DataSourceNoCloud [seed=/var/lib/cloud/seed/nocloud][dsmode=net]',
    'DataSourceNoCloudNet [seed=cmdline,http://10.0.2.2/]',
    '',
  ]) {
    const context = goodContext();
    context.facts.cloudInit.datasource = datasource;
    context.boot.cloudInit.datasource = datasource;
    t.regex(problemsOf(context, 'cloud-init').join(), /^datasource: expected DataSourceNoCloud/, datasource);
  }
});

test('errors and warnings, told once each', (t) => {
  const context = goodContext();
  const warning = '2026-11-21 10:00:00,000 - cc_growpart.py[WARNING]: could not grow';
  context.boot.cloudInit.warnings = [warning];
  context.facts.cloudInit.warnings = [warning];
  context.facts.cloudInit.errors = ['write_files failed'];
  t.deepEqual(problemsOf(context, 'cloud-init'), [
    'errors: expected none, found: write_files failed',
    `warnings: expected none, found: ${warning}`,
  ]);
});

test('a cloud-init that did not end, or is off where there is a seed', (t) => {
  for (const status of ['running', 'error', 'disabled', 'not run']) {
    const context = goodContext();
    context.facts.cloudInit.status = status;
    t.deepEqual(problemsOf(context, 'cloud-init'), [`status: expected done, found ${status}`]);
  }
});

test('a data source where there is none to find', (t) => {
  const context = seedlessContext();
  context.boot.cloudInit.datasource = 'DataSourceEc2Local';
  t.regex(problemsOf(context, 'cloud-init').join(), /^datasource: expected no data source/);
  context.boot.cloudInit.datasource = 'DataSourceNone';
  t.deepEqual(problemsOf(context, 'cloud-init'), []);
  t.deepEqual(checked(context, 'cloud-init').notes, ['its status: no probe ran to ask for it']);
});
