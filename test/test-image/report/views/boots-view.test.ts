import test from 'ava';
import { bootsView } from '../../../../src/test-image/report/views/boots-view.js';
import type { BootAccount, TestReport } from '../../../../src/test-image/types.js';
import { planOf } from '../../../helpers/plans.js';
import { emptyReport, reportOf } from '../fixture.js';

const plan = planOf('debian12');

interface Bar {
  x: string;
  width: string;
}

interface View {
  ticks: { x: string; label: string }[];
  overview: { label: string; total: string; bars: Bar[] }[];
  groups: {
    charts: { label: string; open: boolean; cloudInitBars: Bar[]; units: (Bar & { end: string })[] }[];
  }[];
}

function viewOf(report: TestReport): View {
  return bootsView(report) as unknown as View;
}

function withAccount(account: BootAccount): TestReport {
  const [cell] = reportOf(plan).cells;
  if (cell === undefined) throw new Error('no cell');
  return { ...emptyReport(plan), cells: [{ ...cell, account }] };
}

test('bars follow each other on one scale that ends just after the last second', (t) => {
  const view = viewOf(
    withAccount({
      stages: [
        { name: 'kernel', seconds: 10 },
        { name: 'initrd', seconds: 20 },
        { name: 'userspace', seconds: 70 },
      ],
      cloudInit: [{ name: 'init', seconds: 5 }],
      units: [{ name: 'etcd.service', started: 51, active: 61.2 }],
    }),
  );
  t.deepEqual(
    view.overview[0]?.bars.map(({ x, width }) => [x, width]),
    [
      ['0.00%', '9.80%'],
      ['9.80%', '19.61%'],
      ['29.41%', '68.63%'],
    ],
  );
  t.is(view.overview[0]?.total, '100 s');
  t.deepEqual(
    view.ticks.map(({ label }) => label),
    ['0 s', '20 s', '40 s', '60 s', '80 s', '100 s'],
  );
  const chart = view.groups[0]?.charts[0];
  t.like(chart?.units[0], { x: '50.00%', width: '10.00%', end: '60.00%' });
  t.like(chart?.cloudInitBars[0], { x: '29.41%', width: '4.90%' });
});

test('first boots of nodes with a role come first and are open', (t) => {
  const [open, folded] = viewOf(reportOf(plan)).groups;
  t.deepEqual(
    open?.charts.map(({ label }) => label),
    ['etcd', 'master', 'minion', 'lb', 'master-minion'],
  );
  t.true(open?.charts.every((chart) => chart.open));
  t.true(folded?.charts.every((chart) => !chart.open));
  t.is((open?.charts.length ?? 0) + (folded?.charts.length ?? 0), 12);
});

test('a boot without any measure has no chart, and no boot no section', (t) => {
  t.is(bootsView(withAccount({ stages: [], cloudInit: [], units: [] })), undefined);
  t.is(bootsView(emptyReport(plan)), undefined);
});

test('stages of no length do no harm', (t) => {
  const view = viewOf(withAccount({ stages: [{ name: 'kernel', seconds: 0 }], cloudInit: [], units: [] }));
  t.is(view.overview[0]?.bars[0]?.width, '0.00%');
  t.false(JSON.stringify(view).includes('NaN'));
});
