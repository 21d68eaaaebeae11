import { loadOs } from '../../catalog/load-catalog.js';
import type { BootCheck, BootContext, CheckOutcome, Problem } from '../types.js';
import { withFacts } from './with-facts.js';

export const swap: BootCheck = { name: 'swap', title: 'Nothing is swapped to', run: checkSwap };

export const time: BootCheck = {
  name: 'time',
  title: 'The clock is synchronised and right',
  run: checkTime,
};

export const selinux: BootCheck = { name: 'selinux', title: 'SELinux is as planned', run: checkSelinux };

export const apparmor: BootCheck = { name: 'apparmor', title: 'AppArmor is as planned', run: checkApparmor };

export const cgroup: BootCheck = {
  name: 'cgroup',
  title: 'The cgroup version is as planned',
  run: checkCgroup,
};

/** Seconds the guest's clock may differ from the host's. */
const CLOCK_LIMIT = 2;
const OTHER_KERNEL = 'user-mode Linux runs the image on a kernel of its own';

function checkSwap(context: BootContext): CheckOutcome {
  return withFacts(context, ({ swaps }) => ({
    examined: 1,
    problems: swaps.map(
      (subject): Problem => ({
        subject,
        message:
          'expected no swap (the kubelet refuses to start with it), found that the machine swaps to this',
        hint: 'take it out of /etc/fstab, mask its .swap unit or the generator that makes it',
      }),
    ),
  }));
}

function checkTime(context: BootContext): CheckOutcome {
  return withFacts(context, ({ time: { synchronised, source, detail }, clock }) => {
    const problems: Problem[] = [];
    const unit = loadOs(context.plan.spec.os).units.time;
    if (!synchronised) {
      const found = [source, detail].filter(Boolean).join(', ') || 'no source';
      const message = `expected the clock to be synchronised to the server the host offers, found: ${found}`;
      problems.push({ subject: unit, message, hint: '`chronyc -n sources` on the node shows what it asks' });
    }
    const difference = Math.abs(clock.guest - clock.host);
    if (!(difference <= CLOCK_LIMIT)) {
      const message = `expected at most ${CLOCK_LIMIT} s between the clocks of guest and host, found ${difference.toFixed(1)} s`;
      problems.push({ subject: 'clock', message });
    }
    return { examined: 2, problems };
  });
}

function checkSelinux(context: BootContext): CheckOutcome {
  return withFacts(context, ({ selinux: found }) => {
    const expected = context.plan.expected.selinux;
    if (expected !== found && context.rig === 'uml')
      return { skipped: `${OTHER_KERNEL}: SELinux is ${found}` };
    const message = `expected SELinux ${expected}, found ${found}`;
    return { examined: 1, problems: expected === found ? [] : [{ subject: 'SELinux', message }] };
  });
}

function checkApparmor(context: BootContext): CheckOutcome {
  return withFacts(context, ({ apparmor: found }) => {
    const expected = loadOs(context.plan.spec.os).security.apparmor;
    if (expected !== found && context.rig === 'uml')
      return { skipped: `${OTHER_KERNEL}: AppArmor is ${onOrOff(found)}` };
    const message = `expected AppArmor ${onOrOff(expected)}, found it ${onOrOff(found)}`;
    return { examined: 1, problems: expected === found ? [] : [{ subject: 'AppArmor', message }] };
  });
}

function checkCgroup(context: BootContext): CheckOutcome {
  return withFacts(context, ({ cgroup: found }) => {
    const expected = context.plan.expected.cgroup;
    if (expected !== found && context.rig === 'uml')
      return { skipped: `${OTHER_KERNEL}: cgroup is ${found}` };
    const message = `expected cgroup ${expected} at /sys/fs/cgroup, found ${found}`;
    const hint = 'systemd.unified_cgroup_hierarchy= on the kernel command line decides';
    return { examined: 1, problems: expected === found ? [] : [{ subject: 'cgroup', message, hint }] };
  });
}

function onOrOff(on: boolean): string {
  return on ? 'on' : 'off';
}
