import { readFileSync } from 'node:fs';
import test from 'ava';
import { load } from 'js-yaml';
import { type Directives, directivesSchema } from '../../src/catalog/directives.js';
import { repositoryPath } from '../../src/repository.js';

const OLDEST = 219;

test('the table is valid', (t) => {
  const result = directivesSchema.safeParse(readDirectives());
  t.true(result.success, result.error?.message);
});

test('each key, specifier and prefix is listed once', (t) => {
  const { directives, specifiers, execPrefixes } = parseDirectives();
  const keys = directives.map(({ section, name }) => `${section}.${name}`);
  t.is(new Set(keys).size, keys.length);
  t.true(keys.length > 500);
  t.is(new Set(specifiers.map(({ name }) => name)).size, specifiers.length);
  t.deepEqual(
    execPrefixes.map(({ name }) => name),
    ['-', '@', '+', '!', '!!', ':', '|'],
  );
});

test('what is newer than the oldest systemd says what an older one does, and only that', (t) => {
  const { directives, values, specifiers, execPrefixes } = parseDirectives();
  for (const entry of [...directives, ...values, ...specifiers, ...execPrefixes]) {
    t.is(entry.olderBehaviour !== undefined, entry.since > OLDEST, entry.name);
    t.true(entry.backportedTo === undefined || entry.since > OLDEST, entry.name);
  }
});

test('a newer condition fails open, everything else does not', (t) => {
  for (const { name, since, olderBehaviour } of parseDirectives().directives) {
    if (since === OLDEST) continue;
    t.is(olderBehaviour === 'fail-open', /^(Condition|Assert|ExecCondition)/.test(name), name);
  }
});

test('every assertion has its condition, of the same version', (t) => {
  const since = sinceByKey();
  for (const [key, version] of since) {
    if (!key.startsWith('Unit.Assert')) continue;
    t.is(since.get(key.replace('Assert', 'Condition')), version, key);
  }
});

test('values and old names refer to keys of the table', (t) => {
  const { directives, values, forbidden } = parseDirectives();
  const since = sinceByKey();
  for (const entry of [...values, ...forbidden]) {
    const key = since.get(`${entry.section}.${entry.name}`);
    t.not(key, undefined, entry.name);
    t.notThrows(() => new RegExp(entry.pattern));
    for (const other of Object.keys(entry.where ?? {})) t.true(since.has(`${entry.section}.${other}`));
  }
  for (const entry of values)
    t.true(entry.since > (since.get(`${entry.section}.${entry.name}`) ?? 0), entry.name);
  for (const { section, renamedTo } of directives)
    t.true(renamedTo === undefined || since.has(`${section}.${renamedTo}`));
});

test('versions that decide a gate are the ones the parser tables give', (t) => {
  const since = sinceByKey();
  const known: Record<string, number> = {
    'Unit.ConditionPathExists': 219,
    'Unit.ConditionFileNotEmpty': 219,
    'Unit.ConditionKernelVersion': 237,
    'Unit.ConditionControlGroupController': 237,
    'Unit.ConditionEnvironment': 247,
    'Unit.ConditionKernelModuleLoaded': 258,
    'Unit.StartLimitIntervalSec': 230,
    'Service.StartLimitInterval': 219,
    'Service.ExecCondition': 243,
    'Service.TasksMax': 227,
    'Service.StateDirectory': 235,
    'Service.LoadCredential': 247,
    'Service.RestartSteps': 254,
    'Service.Delegate': 219,
    'Path.TriggerLimitBurst': 250,
  };
  for (const [key, version] of Object.entries(known)) t.is(since.get(key), version, key);
});

function readDirectives(): unknown {
  return load(readFileSync(repositoryPath('catalog', 'directives.yaml'), 'utf8'));
}

function parseDirectives(): Directives {
  return directivesSchema.parse(readDirectives());
}

function sinceByKey(): Map<string, number> {
  return new Map(
    parseDirectives().directives.map(({ section, name, since }) => [`${section}.${name}`, since]),
  );
}
