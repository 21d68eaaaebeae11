import test from 'ava';
import { checked, goodContext, type ProbedContext, problemsOf } from './context.js';

const ETCD = '/usr/local/bin/etcd';

function etcd(context: ProbedContext): ProbedContext['facts']['programs'][number] {
  const found = context.facts.programs.find(({ path }) => path === ETCD);
  if (found === undefined) throw new Error('etcd was not asked');
  return found;
}

function pinned(context: ProbedContext): string {
  return context.plan.artifacts.find(({ name }) => name === 'etcd')?.version ?? '';
}

test('another version', (t) => {
  const context = goodContext();
  etcd(context).output = 'etcd Version: 3.4.23\nGit SHA: none';
  t.deepEqual(problemsOf(context, 'programs'), [
    `${ETCD}: expected version ${pinned(context)}, found: etcd Version: 3.4.23 Git SHA: none`,
  ]);
});

test('a version that only begins or ends as the pinned one', (t) => {
  const context = goodContext();
  for (const output of [`v${pinned(context)}1`, `v1${pinned(context)}`, `${pinned(context)}.1`]) {
    etcd(context).output = output;
    t.is(problemsOf(context, 'programs').length, 1, output);
  }
  for (const output of [`v${pinned(context)}`, `${pinned(context)}~ds1-1`, `version ${pinned(context)}.`]) {
    etcd(context).output = output;
    t.deepEqual(problemsOf(context, 'programs'), [], output);
  }
});

test('a program that does not run', (t) => {
  const context = goodContext();
  Object.assign(etcd(context), { status: 126, output: 'Exec format error' });
  t.regex(problemsOf(context, 'programs').join(), /bin\/etcd: .*ends with status 126: Exec format error/);
});

test('a program nobody asked', (t) => {
  const context = goodContext();
  context.facts.programs = context.facts.programs.filter(({ path }) => path !== ETCD);
  t.regex(problemsOf(context, 'programs').join(), /bin\/etcd: .*never run/);
});

test('a probe in a hurry asked no program: skipped, never passed', (t) => {
  const context = goodContext();
  Object.assign(context.facts, { thorough: false, programs: [] });
  t.is(checked(context, 'programs').status, 'skipped');
});
