import test from 'ava';
import { BOOT_CHECKS } from '../../../src/test-image/checks/boot-checks.js';
import { resultOf, runBootChecks } from '../../../src/test-image/checks/run-checks.js';
import { goodContext, rebootedContext, seedlessContext } from './context.js';

const ROLES = [[], ['etcd'], ['master'], ['minion'], ['lb'], ['master', 'minion']];
/** What the journal and the console tell without a probe. */
const WITHOUT_PROBE = [
  'came-up',
  'markers',
  'refused-markers',
  'role-units',
  'enabled-units',
  'failed-units',
  'restarted-units',
  'unfinished-jobs',
  'ordering-cycles',
  'journal-warnings',
  'cloud-init',
];

test('names are kebab-case, each once, each with a title', (t) => {
  const names = BOOT_CHECKS.map(({ name }) => name);
  for (const name of names) t.regex(name, /^[a-z]+(-[a-z]+)*$/);
  t.is(new Set(names).size, names.length);
  for (const { title } of BOOT_CHECKS) t.not(title, '');
});

for (const os of ['debian12', 'debian13', 'rocky9', 'ubuntu2404']) {
  for (const roles of ROLES) {
    test(`${os}, ${roles.join(' and ') || 'no role'}: a machine booted right passes every check`, (t) => {
      const results = runBootChecks(goodContext({ os, roles }));
      t.deepEqual(
        results.flatMap(({ problems }) => problems),
        [],
      );
      for (const { check, status, examined, reason } of results) {
        if (check === 'reboot') t.is(status, 'skipped');
        else t.is(status, 'passed', `${check}: ${reason}`);
        if (status === 'passed') t.true(examined > 0, check);
      }
    });
  }
}

test('refused markers, refused as they must be, pass every check', (t) => {
  const context = goodContext({
    roles: [],
    refusedWith: 'there is no role "mastre"',
    markers: { '/etc/sysconfig/kubernetes-mastre': 'CLUSTER_NAME=test\n' },
  });
  const failed = runBootChecks(context).filter(({ status }) => status === 'failed');
  t.deepEqual(failed, []);
});

test('a second boot that is like the first passes every check', (t) => {
  const results = runBootChecks(rebootedContext({ roles: ['master'] }));
  t.deepEqual(
    results.filter(({ status }) => status !== 'passed'),
    [],
  );
});

test('without a seed there is no probe: what needs one is skipped with the reason, nothing passes unseen', (t) => {
  const results = runBootChecks(seedlessContext());
  for (const { check, status, reason, examined } of results) {
    if (WITHOUT_PROBE.includes(check)) {
      t.is(status, 'passed', check);
      continue;
    }
    t.is(status, 'skipped', check);
    t.is(examined, 0);
    t.regex(reason, check === 'reboot' ? /first boot/ : /^no probe ran: it comes with the seed/);
  }
});

test('a probe that never reported leaves nothing passed that needs it', (t) => {
  const context = { ...goodContext(), facts: undefined };
  const passed = runBootChecks(context).filter(({ status }) => status === 'passed');
  const others = passed.map(({ check }) => check).filter((check) => !WITHOUT_PROBE.includes(check));
  t.deepEqual(others, []);
});

test('a check that looked at nothing is skipped', (t) => {
  const check = { name: 'x', title: 'X' };
  t.is(resultOf(check, { examined: 0, problems: [] }).status, 'skipped');
  const told = resultOf(check, { examined: 0, problems: [], notes: ['a: not here', 'b: not here'] });
  t.is(told.reason, 'a: not here; b: not here');
  const partly = resultOf(check, { examined: 1, problems: [], notes: ['a: not here'] });
  t.is(partly.status, 'passed');
  t.deepEqual(partly.notes, ['a: not here']);
});
