import test from 'ava';
import { execa } from 'execa';
import { createGate } from '../../../src/gate/gate.js';
import { repositoryPath } from '../../../src/repository.js';
import { launchDemo, useFake } from './a-launch.js';
import { IDS, living } from './fake/furnish.js';
import { checkAgain, checkTags, checkTold, RUN } from './launch-checks.js';

/** A launch that is cut off, at whatever call, and the same command again. */

for (const action of ['ec2:CreateLaunchTemplate', RUN]) {
  for (const n of action === RUN ? [1, 2, 3] : [1]) {
    test.serial(`an answer that is lost (${action}, no. ${n}) makes nothing twice`, async (t) => {
      const fake = await useFake(t);
      fake.breakAfter(action, n);
      await checkAgain(t, fake);
      t.is(fake.account.templates.size, 1);
    });
  }
}

for (const action of ['ec2:CreateLaunchTemplate', RUN])
  for (const n of action === RUN ? [1, 2, 3] : [1])
    for (const visible of [true, false])
      test.serial(
        `interrupted right after ${action} no. ${n} (${visible ? 'visible' : 'not yet visible'}), the same command goes on`,
        async (t) => {
          const fake = await useFake(t);
          if (!visible) fake.account.delays = { instances: 12, tags: 12, running: 1, terminated: 1 };
          const controller = new AbortController();
          fake.breakAfter(action, n, () => controller.abort(new Error('the person pressed Ctrl-C')));
          await t.throwsAsync(launchDemo({ gate: createGate({ signal: controller.signal }) }));
          checkTags(t, fake);
          t.is(living(fake.account).length, action === RUN ? n : 0);
          await checkAgain(t, fake);
          t.is(fake.account.templates.size, 1);
        },
      );

for (const [action, n] of [
  ['ec2:CreateLaunchTemplate', 1],
  [RUN, 2],
] as const)
  test.serial(
    `the process is killed right after ${action} no. ${n}: the same command line goes on`,
    async (t) => {
      const fake = await useFake(t);
      fake.account.delays = { instances: 3, tags: 3, running: 1, terminated: 1 };
      const killed = start();
      fake.breakAfter(action, n, () => killed.kill('SIGKILL'));
      t.is((await killed).signal, 'SIGKILL');
      checkTags(t, fake);
      t.is(living(fake.account).length, action === RUN ? n : 0);
      const { exitCode, all } = await start();
      t.is(exitCode, 0, all);
      t.is(living(fake.account).length, 3);
      t.is(fake.account.templates.size, 1);
      checkTags(t, fake);
    },
  );

/** The command line itself, in a process of its own. */
function start() {
  const flags = ['--provider', 'aws', '--role', 'master', '--count', '3', '--cluster', 'demo', '--no-wait'];
  const where = ['--image', IDS.image, '--subnet', ...IDS.subnets, '--security-group', IDS.securityGroup];
  return execa(repositoryPath('bin', 'launch'), [...flags, ...where], { reject: false, all: true });
}

test.serial(
  'a call that is refused halfway: what is there is kept and told, the next run goes on',
  async (t) => {
    const fake = await useFake(t);
    let calls = 0;
    const push = fake.calls.push.bind(fake.calls);
    fake.calls.push = (...items) => {
      calls += items.filter(({ action }) => action === RUN).length;
      if (calls === 2) {
        calls = 3;
        fake.refuse(RUN, {
          code: 'UnauthorizedOperation',
          message: 'You are not authorized to do this.',
          status: 403,
        });
      }
      return push(...items);
    };
    const { failure } = await launchDemo();
    checkTold(t, failure, /^1 of 3 master nodes of demo are there: .*not authorized/s);
    checkTags(t, fake);
    await checkAgain(t, fake);
  },
);
