import test from 'ava';
import type { BootBudget } from '../../../src/catalog/boot-budgets.js';
import { checkBudget } from '../../../src/test-image/boot-time/check-budget.js';
import type { BootAccount, CheckOutcome } from '../../../src/test-image/types.js';

const budget: BootBudget = {
  os: 'debian12',
  cell: 'minion',
  accelerator: 'tcg',
  boots: 3,
  baseline: ['kernel', 'initrd'],
  allowance: 0.5,
  slack: 0.1,
  ratios: { userspace: 4, 'cloud-init/init': 0.4, 'unit/containerd.service': 4.5 },
};

function accountOf({ kernel = 4, initrd = 6, userspace = 40, init = 4, containerd = 45 } = {}): BootAccount {
  return {
    stages: [
      { name: 'kernel', seconds: kernel },
      { name: 'initrd', seconds: initrd },
      { name: 'userspace', seconds: userspace },
    ],
    cloudInit: [{ name: 'init', seconds: init }],
    units: [{ name: 'containerd.service', started: containerd - 1, active: containerd }],
  };
}

function check(account: BootAccount, { cell = 'minion', budgets = [budget] } = {}): CheckOutcome {
  return checkBudget({ account, os: 'debian12', cell: { name: cell }, accelerator: 'tcg', budgets });
}

function subjects(outcome: CheckOutcome): string[] {
  return 'problems' in outcome ? outcome.problems.map(({ subject }) => subject) : [];
}

test('a boot as recorded passes, and so does one ten times as slow throughout', (t) => {
  t.deepEqual(check(accountOf()), { examined: 3, problems: [] });
  const slow = accountOf({ kernel: 40, initrd: 60, userspace: 400, init: 40, containerd: 450 });
  t.deepEqual(check(slow), { examined: 3, problems: [] });
});

test('within the allowance is no problem, beyond it is one, stage by stage', (t) => {
  t.deepEqual(subjects(check(accountOf({ userspace: 59, containerd: 66 }))), []);
  t.deepEqual(subjects(check(accountOf({ userspace: 61 }))), ['userspace']);
  t.deepEqual(subjects(check(accountOf({ init: 7 }))), ['cloud-init/init']);
  t.deepEqual(subjects(check(accountOf({ containerd: 68 }))), ['unit/containerd.service']);
});

test('a short stage may grow by the slack, whatever share that is', (t) => {
  const budgets = [{ ...budget, slack: 1 }];
  t.deepEqual(subjects(check(accountOf({ init: 13 }), { budgets })), []);
  t.deepEqual(subjects(check(accountOf({ init: 15 }), { budgets })), ['cloud-init/init']);
});

test('says by how much, of what, and how to record a new one', (t) => {
  const outcome = check(accountOf({ userspace: 80 }));
  const [problem] = 'problems' in outcome ? outcome.problems : [];
  t.is(
    problem?.message,
    'expected at most 6.00 times kernel + initrd (recorded 4.00, allowance 50 % and no less than 0.1), found 8.00 times: 100 % more than recorded (80.0 s, kernel + initrd took 10.0 s)',
  );
  t.regex(problem?.hint ?? '', /record a new budget/);
});

test('without a budget, a baseline or anything to compare it is skipped and says why', (t) => {
  t.deepEqual(check(accountOf(), { cell: 'lb' }), {
    skipped: 'no budget is recorded for lb of debian12 on tcg',
  });
  const { stages, ...rest } = accountOf();
  t.deepEqual(check({ ...rest, stages: stages.slice(1) }), {
    skipped: "this boot's kernel and initrd was not measured",
  });
  t.deepEqual(check({ stages: stages.slice(0, 2), cloudInit: [], units: [] }), {
    skipped: 'nothing the budget names was measured in this boot',
  });
});
