import type { BootCheck, BootContext, CheckOutcome, Problem } from '../types.js';

export const cameUp: BootCheck = {
  name: 'came-up',
  title: 'Reaches the login prompt, powers off when asked',
  run: checkCameUp,
};

/** The machine came up, the probe in it answered where there was a way in for it, and the machine went down when asked. */
function checkCameUp({ boot, cell, facts }: BootContext): CheckOutcome {
  const problems: Problem[] = [];
  const last = boot.consoleTail.at(-1)?.trim() ?? '(nothing)';
  if (!boot.reached) {
    problems.push({
      subject: 'login prompt',
      message: `expected a login prompt in the time given, found none; the console ends with: ${last}`,
      hint: 'the report shows the end of the console and every start job that was still waiting',
    });
  }
  if (!boot.poweredOff) {
    problems.push({
      subject: 'power button',
      message: 'expected the machine to power off when its power button was pressed; it had to be stopped',
      hint: 'systemd-logind must run and handle the power key; see which unit does not stop',
    });
  }
  if (cell.seed !== 'none' && facts === undefined) {
    problems.push({
      subject: 'probe',
      message:
        'expected the probe to report from inside the machine, found no report: most checks are skipped',
      hint: 'the probe is started by cloud-init from the vendor data of the seed: see the cloud-init check',
    });
  }
  return { examined: cell.seed === 'none' ? 2 : 3, problems };
}
