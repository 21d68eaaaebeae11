import test from 'ava';
import { listOs } from '../../../src/catalog/load-catalog.js';
import { directivesKnown } from '../../../src/lint/rules/directives.js';
import { problemsOf, soundPlan, withDropin } from '../faulty-plan.js';

function said(systemd: number, text: string, os = 'debian12'): string[] {
  const plan = withDropin(soundPlan(os), 'kubelet.service', '50-test.conf', text);
  return problemsOf(directivesKnown, plan, { systemd })
    .filter(({ message }) => message.includes('50-test.conf'))
    .map(({ severity, rule, message }) => `${severity} ${rule}: ${message.replace(/ \(.*\)$/, '')}`);
}

test('every OS knows every directive of its own plan', (t) => {
  for (const os of listOs()) t.deepEqual(problemsOf(directivesKnown, soundPlan(os)), [], os);
});

test('an unknown directive, with the nearest name, and one in the wrong section', (t) => {
  t.deepEqual(said(252, '[Service]\nRestrat=always\n'), [
    'error unknown-directive: no systemd knows Restrat= in [Service]; did you mean Restart=?',
  ]);
  t.regex(said(252, '[Unit]\nExecStart=/bin/true\n').join(), /no systemd knows ExecStart= in \[Unit\]/);
  t.deepEqual(said(252, '[Servcie]\nType=simple\n'), [
    'error unknown-directive: no section [Servcie] is known',
  ]);
  t.deepEqual(said(252, '[X-Mine]\nAnything=1\n'), []);
});

test('a gate an older systemd ignores is an error, since the unit would start', (t) => {
  const gate = '[Unit]\nConditionEnvironment=X\n';
  t.deepEqual(said(219, gate), [
    'error too-new: ConditionEnvironment= needs systemd 247, this OS has 219: it is ignored there, so the unit starts where it must not',
  ]);
  t.deepEqual(said(252, gate), []);
});

test('a setting an older systemd ignores is a warning; a backport is none', (t) => {
  t.deepEqual(said(239, '[Service]\nProtectProc=invisible\n'), [
    'warning too-new: ProtectProc= needs systemd 247, this OS has 239: it is ignored there',
  ]);
  t.deepEqual(said(219, '[Service]\nTasksMax=infinity\n'), []);
});

test('values, prefixes and specifiers newer than the key', (t) => {
  t.regex(said(219, '[Service]\nDelegate=cpu memory\n').join(), /Delegate=cpu memory needs systemd 236/);
  t.deepEqual(said(219, '[Service]\nDelegate=yes\n'), []);
  t.regex(
    said(219, '[Service]\nExecStartPre=+/bin/true\n').join(),
    /error too-new: the command prefix \+ needs systemd 231/,
  );
  t.deepEqual(said(219, '[Service]\nExecStartPre=-/bin/true\n'), []);
  t.regex(
    said(219, '[Service]\nExecStartPre=/bin/echo %S\n').join(),
    /error too-new: the specifier %S needs systemd 236/,
  );
  t.regex(
    said(252, '[Service]\nExecStartPre=/bin/date +%F\n').join(),
    /error unknown-specifier: %F is no specifier/,
  );
  t.deepEqual(said(252, '[Service]\nExecStartPre=/bin/date +%%F\n'), []);
});

test('a oneshot with Restart= is refused before 244, and with always on every version', (t) => {
  const text = (restart: string) => `[Service]\nType=oneshot\nRestart=${restart}\n`;
  t.regex(said(239, text('on-failure')).join(), /error too-new: .*the unit is refused there/);
  t.deepEqual(said(252, text('on-failure')), []);
  t.regex(said(252, text('always')).join(), /error forbidden/);
});

test('legacy keys warn from the version that drops them', (t) => {
  t.regex(said(258, '[Service]\nCPUShares=512\n').join(), /^warning old-directive/);
});
