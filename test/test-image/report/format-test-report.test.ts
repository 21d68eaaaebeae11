import test from 'ava';
import { formatTestReport } from '../../../src/test-image/report/format-test-report.js';
import { planOf } from '../../helpers/plans.js';
import { emptyReport, failed, reportOf } from './fixture.js';

const plan = planOf('debian12');

test('a line for each boot, the disk first and the clones last', (t) => {
  const [head, boots] = formatTestReport(reportOf(plan)).split('\n\n');
  t.regex(head ?? '', /^debian12-.*, QEMU, emulated \(no usable KVM\)$/);
  const lines = boots?.split('\n') ?? [];
  t.is(lines.length, 14);
  t.is(lines[0], '✕  disk               3 passed, 1 failed, 1 skipped');
  t.is(lines[3], '✓  etcd (rebooted)    13 passed                       84.4 s');
  t.is(lines[13], '✓  clones             1 passed');
});

test('every problem with where it was found and its mend', (t) => {
  const text = formatTestReport(reportOf(plan));
  t.true(
    text.includes(`FAILED role-units: Units run as the roles say
  kube-scheduler.service: Expected active, found failed (exit-code) after 3 restarts
    in: master, master (rebooted), master-minion
    mend: Read its log: \`journalctl -u kube-scheduler\`.
`),
  );
});

test('skipped checks and boots left out are named with the reason', (t) => {
  const text = formatTestReport(reportOf(plan));
  t.true(text.includes('\n  needs 8 GiB of free space, there are 3.1 GiB\n    disk-grow: disk\n'));
  t.true(text.includes('\nLeft out:\n  not among the cells asked for with --role: unknown-role\n'));
});

test('ends with the counts', (t) => {
  t.regex(formatTestReport(reportOf(plan)), /\n\n127 passed, 11 failed, 24 skipped$/);
  t.regex(formatTestReport(emptyReport(plan)), /\n\n0 passed, 0 failed, 0 skipped$/);
});

test('what a guest printed cannot speak to the terminal', (t) => {
  const problems = [{ subject: 'unit', message: '\u001b[2Jcleared\u0007\nsecond line' }];
  const text = formatTestReport(reportOf(plan, { disk: [failed('x', 'X', 1, problems)] }));
  t.true(text.includes('  unit: cleared\n      second line\n'));
  t.false(text.includes('\u001b'));
});

test('user-mode Linux is said to be no proof', (t) => {
  t.regex(formatTestReport(reportOf(plan, { accelerator: 'uml' })), /user-mode Linux.*no proof/);
});
