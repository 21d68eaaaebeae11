import test from 'ava';
import { checked, failUnit, goodContext, problemsOf, seedlessContext, unitsOf } from './context.js';

test("kiln's own unit of every node was skipped", (t) => {
  const context = goodContext();
  Object.assign(unitsOf(context, 'kiln-host-keys.service').logged, {
    state: 'skipped',
    reason: 'ConditionFirstBoot=yes',
  });
  t.deepEqual(problemsOf(context, 'enabled-units'), [
    'kiln-host-keys.service: expected it to run on every node, found: skipped (ConditionFirstBoot=yes)',
  ]);
});

test('an enabled unit of the distribution never ran, failed, or went away', (t) => {
  const missing = goodContext();
  missing.boot.units = missing.boot.units.filter(({ name }) => name !== 'chrony.service');
  missing.facts.units = missing.facts.units.filter(({ name }) => name !== 'chrony.service');
  t.regex(problemsOf(missing, 'enabled-units').join(), /^chrony\.service: .*found: not-started/);
  const failed = goodContext();
  failUnit(failed, 'ssh.service', 'no host keys');
  t.regex(problemsOf(failed, 'enabled-units').join(), /^ssh\.service: .*failed/);
  const gone = goodContext();
  Object.assign(unitsOf(gone, 'systemd-resolved.service').now, { active: 'inactive', sub: 'dead' });
  t.regex(problemsOf(gone, 'enabled-units').join(), /^systemd-resolved\.service: expected it to be up/);
});

test('a unit of the distribution held back by a file is a problem, by the machine only worth a note', (t) => {
  const file = goodContext();
  Object.assign(unitsOf(file, 'ssh.service').logged, {
    state: 'skipped',
    reason: 'ConditionPathExists=!/etc/ssh/sshd_not_to_be_run',
  });
  t.regex(problemsOf(file, 'enabled-units').join(), /^ssh\.service: /);
  const machine = goodContext();
  Object.assign(unitsOf(machine, 'apparmor.service').logged, {
    state: 'skipped',
    reason: 'ConditionSecurity=apparmor',
  });
  const { status, notes } = checked(machine, 'enabled-units');
  t.is(status, 'passed');
  t.deepEqual(notes, ['apparmor.service was skipped: ConditionSecurity=apparmor']);
});

test('a masked unit ran, or is not masked', (t) => {
  const ran = goodContext();
  ran.boot.units.push({ name: 'apt-daily.timer', state: 'running', reason: '', at: 9, restarts: 0 });
  t.regex(problemsOf(ran, 'enabled-units').join(), /^apt-daily\.timer: expected it masked and never started/);
  const loaded = goodContext();
  const timer = loaded.facts.units.find(({ name }) => name === 'man-db.timer');
  if (timer === undefined) return t.fail();
  timer.load = 'loaded';
  t.regex(problemsOf(loaded, 'enabled-units').join(), /^man-db\.timer: expected it masked, found .* loaded/);
});

test('what the initrd started before the image had a say is not judged', (t) => {
  const context = goodContext();
  context.boot.units.push({ name: 'swap.target', state: 'ran', reason: '', at: 4.9, restarts: 0 });
  t.deepEqual(problemsOf(context, 'enabled-units'), []);
  context.boot.units.push({ name: 'apt-daily.timer', state: 'ran', reason: '', at: 5.1, restarts: 0 });
  t.regex(problemsOf(context, 'enabled-units').join(), /^apt-daily\.timer: /);
});

test('without a seed cloud-init may stand aside, other units may not', (t) => {
  const context = seedlessContext();
  context.boot.units = context.boot.units.filter(({ name }) => !name.startsWith('cloud-'));
  t.deepEqual(problemsOf(context, 'enabled-units'), []);
  context.boot.units = context.boot.units.filter(({ name }) => name !== 'kube-identity.service');
  t.regex(problemsOf(context, 'enabled-units').join(), /^kube-identity\.service: /);
});
