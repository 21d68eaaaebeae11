import test from 'ava';
import type { Accelerator } from '../../src/boot/types.js';
import { plainText, type VirtualMachine } from '../../src/boot/virtual-machine.js';
import { type BootWait, waitForBoot } from '../../src/boot/wait-for-boot.js';
import { silentProgress } from '../../src/progress.js';

/** Milliseconds. */
const WINDOW = 100;

/** A guest whose console shows `text` at once. */
function guest(text: string, changes: Partial<VirtualMachine> = {}): VirtualMachine {
  return {
    console: async () => text,
    status: async () => 'running',
    processorSeconds: async () => 1,
    pressPower: async () => {},
    pressReset: async () => {},
    isRunning: () => true,
    exited: Promise.resolve(),
    stop: async () => {},
    ...changes,
  };
}

function wait(
  machine: VirtualMachine,
  accelerator: Accelerator = 'tcg',
  signal = new AbortController().signal,
): Promise<BootWait> {
  return waitForBoot({
    machine,
    accelerator,
    timeoutSeconds: 2,
    progress: silentProgress,
    signal,
    window: WINDOW,
  });
}

test('a prompt is seen though other lines follow on the same line, and an idle guest is settled', async (t) => {
  const { end, toLogin } = await wait(
    guest('\nDebian GNU/Linux 12 vm ttyS0\n\nvm login: [   66.5] cloud-init[401]: done'),
  );
  t.is(end, 'reached');
  t.true(toLogin !== undefined && toLogin < 2);
});

test('a prompt is seen though a line comes between the name and the rest of it', async (t) => {
  const { end } = await wait(
    guest(
      '\nDebian GNU/Linux 12 vm ttyS0\n\nvm [   62.4] kube-role[415]: kiln: roles: master\nlogin: [   64.4] kube',
    ),
  );
  t.is(end, 'reached');
});

test('the multi-user target on the console will do', async (t) => {
  t.is(
    (await wait(guest('[  OK  ] Reached target multi-user.target - Multi-User System.\n'))).end,
    'reached',
  );
});

test('after the prompt a guest has until it was idle three times in a row', async (t) => {
  // Busy in the first window, idle in those after it.
  const readings = [0, 4, 4, 4, 4, 4, 4, 4];
  const machine = guest('vm login: ', { processorSeconds: async () => readings.shift() });
  const started = performance.now();
  const { end, toLogin } = await wait(machine);
  t.is(end, 'reached');
  t.true((toLogin ?? 9) < 1.5);
  t.true(performance.now() - started > 4 * WINDOW);
});

test('a panic, an ended QEMU, a failed accelerator and silence are told apart', async (t) => {
  t.is((await wait(guest('[ 3.1] Kernel panic - not syncing: VFS\n'))).end, 'panic');
  t.is((await wait(guest('You are in emergency mode. After logging in, type…\n'))).end, 'emergency');
  t.is((await wait(guest('', { isRunning: () => false }))).end, 'exited');
  t.is((await wait(guest('', { status: async () => 'internal-error' }), 'kvm')).end, 'accelerator-failed');
  t.deepEqual(await wait(guest('Starting…\n')), { end: 'timeout', toLogin: undefined });
});

test('an interrupt ends the wait', async (t) => {
  const controller = new AbortController();
  const waiting = wait(guest(''), 'tcg', controller.signal);
  controller.abort();
  await t.throwsAsync(waiting, { name: 'AbortError' });
});

test('console text without what steers a terminal', (t) => {
  t.is(plainText('\u001B[2J\u001B[01;01H\u001B[=3h[\u001B[0;32m  OK  \u001B[0m] up\r\n'), '[  OK  ] up\n');
});
