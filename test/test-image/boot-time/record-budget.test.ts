import test from 'ava';
import { recordBudget } from '../../../src/test-image/boot-time/record-budget.js';
import type { BootAccount, TestReport } from '../../../src/test-image/types.js';

function report(
  os: string,
  cells: { cell: string; boot?: 1 | 2; userspace: number; unit?: string }[],
): TestReport {
  return {
    image: { os },
    accelerator: 'tcg',
    cells: cells.map(({ cell, boot = 1, userspace, unit }) => ({
      cell,
      boot,
      account: account(userspace, unit),
    })),
  } as unknown as TestReport;
}

function account(userspace: number, unit?: string): BootAccount {
  return {
    stages: [
      { name: 'kernel', seconds: 4 },
      { name: 'initrd', seconds: 6 },
      { name: 'userspace', seconds: userspace },
    ],
    cloudInit: [],
    units: unit === undefined ? [] : [{ name: unit, started: 1, active: 20 }],
  };
}

test('the median of each ratio over the first boots, for each OS and cell', (t) => {
  const reports = [
    report('debian12', [
      { cell: 'minion', userspace: 40, unit: 'containerd.service' },
      { cell: 'minion', boot: 2, userspace: 400 },
    ]),
    report('debian12', [{ cell: 'minion', userspace: 50, unit: 'containerd.service' }]),
    report('debian12', [{ cell: 'minion', userspace: 90, unit: 'containerd.service' }]),
    report('debian13', [{ cell: 'lb', userspace: 30 }]),
  ];
  t.deepEqual(recordBudget(reports, { baseline: ['kernel', 'initrd'], allowance: 0.5, slack: 1 }), [
    {
      os: 'debian12',
      cell: 'minion',
      accelerator: 'tcg',
      boots: 3,
      baseline: ['kernel', 'initrd'],
      allowance: 0.5,
      slack: 1,
      ratios: { kernel: 0.4, initrd: 0.6, userspace: 5, 'unit/containerd.service': 2 },
    },
    {
      os: 'debian13',
      cell: 'lb',
      accelerator: 'tcg',
      boots: 1,
      baseline: ['kernel', 'initrd'],
      allowance: 0.5,
      slack: 1,
      ratios: { kernel: 0.4, initrd: 0.6, userspace: 3 },
    },
  ]);
});

test('of two boots the mean; what only one of them measured is left out', (t) => {
  const reports = [
    report('debian12', [{ cell: 'minion', userspace: 40, unit: 'containerd.service' }]),
    report('debian12', [{ cell: 'minion', userspace: 50 }]),
  ];
  const [budget] = recordBudget(reports, { baseline: ['kernel'], allowance: 1, slack: 1 });
  t.deepEqual(budget?.ratios, { initrd: 1.5, userspace: 11.3 });
});
