import test from 'ava';
import { groupFailures, groupLeftOut } from '../../../src/test-image/report/group-failures.js';
import { planOf } from '../../helpers/plans.js';
import { emptyReport, failed, passed, reportOf } from './fixture.js';

const plan = planOf('debian12');

test('tells a problem once with every place that had it', (t) => {
  const failures = groupFailures(reportOf(plan));
  t.deepEqual(
    failures.map(({ check }) => check),
    ['disk-drivers', 'role-units', 'sysctls', 'listening-sockets', 'boot-budget'],
  );
  const sysctls = failures.find(({ check }) => check === 'sysctls');
  t.deepEqual(
    sysctls?.groups.map(({ problems, places }) => [problems[0]?.subject, places.map(({ key }) => key)]),
    [
      [
        'net.ipv4.conf.all.rp_filter',
        ['cell-master', 'cell-master-rebooted', 'cell-minion', 'cell-minion-rebooted'],
      ],
      [
        'vm.overcommit_memory',
        ['cell-master', 'cell-master-rebooted', 'cell-minion', 'cell-minion-rebooted'],
      ],
    ],
  );
});

test('keeps apart what differs in its message or mend only', (t) => {
  const problems = [
    { subject: 'a', message: 'one' },
    { subject: 'a', message: 'two' },
    { subject: 'a', message: 'two', hint: 'mend' },
    { subject: 'a', message: 'two' },
  ];
  const [failure] = groupFailures({ ...emptyReport(plan), disk: [failed('x', 'X', 1, problems)] });
  t.deepEqual(
    failure?.groups.map(({ hint, problems: told }) => [hint, told.map(({ message }) => message)]),
    [
      [undefined, ['one', 'two']],
      ['mend', ['two']],
    ],
  );
});

test('problems with one mend in the same places are told together, others apart', (t) => {
  const a = { subject: 'a', message: 'one', hint: 'mend' };
  const b = { subject: 'b', message: 'one', hint: 'mend' };
  const report = { ...emptyReport(plan), disk: [failed('x', 'X', 2, [a, b])] };
  t.is(groupFailures(report)[0]?.groups.length, 1);
  report.clones = [failed('x', 'X', 1, [b])];
  t.deepEqual(
    groupFailures(report)[0]?.groups.map(({ places }) => places.map(({ key }) => key)),
    [['disk'], ['disk', 'clones']],
  );
});

test('what was left out is told by reason', (t) => {
  const left = [
    { cell: 'a', reason: 'one' },
    { cell: 'b', reason: 'two' },
    { cell: 'c', reason: 'one' },
  ];
  t.deepEqual(groupLeftOut({ left }), [
    { reason: 'one', cells: ['a', 'c'] },
    { reason: 'two', cells: ['b'] },
  ]);
});

test('a failed check that says nothing is told all the same', (t) => {
  const [failure] = groupFailures({ ...emptyReport(plan), disk: [failed('x', 'X', 1, [])] });
  t.is(failure?.groups[0]?.problems[0]?.message, 'The check failed and gave no detail');
});

test('nothing failed, nothing to tell', (t) => {
  t.deepEqual(groupFailures({ ...emptyReport(plan), disk: [passed('x', 'X', 1)] }), []);
});
