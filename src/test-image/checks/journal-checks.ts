import type { BootReport } from '../../boot/types.js';
import type { BootCheck, BootContext, CheckOutcome, Problem } from '../types.js';

export const failedUnits: BootCheck = { name: 'failed-units', title: 'No unit failed', run: checkFailed };

export const restartedUnits: BootCheck = {
  name: 'restarted-units',
  title: 'No unit had to be restarted',
  run: checkRestarted,
};

export const unfinishedJobs: BootCheck = {
  name: 'unfinished-jobs',
  title: 'Every start job ended',
  run: checkUnfinished,
};

export const orderingCycles: BootCheck = {
  name: 'ordering-cycles',
  title: 'Units are ordered without a cycle',
  run: checkCycles,
};

export const journalWarnings: BootCheck = {
  name: 'journal-warnings',
  title: 'systemd knows every directive',
  run: checkWarnings,
};

const ROLE_READER = 'kube-role.service';
const JOURNAL = 'systemd-journald.service';
/** Start jobs that never end are for `unfinished-jobs`; a failed unit has been named already when there is one. */
const STATES = ['running', 'starting', 'initializing', ''];

/** None by the journal, none by systemd at the end; a refused marker must fail kube-role and nothing else. */
function checkFailed({ boot, facts, cell }: BootContext): CheckOutcome {
  const nowFailed = facts?.units.filter(({ active }) => active === 'failed').map(({ name }) => name) ?? [];
  const failed = [...new Set([...boot.failedUnits, ...nowFailed])].sort();
  const unexpected = failed.filter((name) => name !== ROLE_READER || cell.refusedWith === undefined);
  const problems = unexpected.map((subject): Problem => {
    const log = boot.failureLogs[subject] ?? [];
    const result = facts?.units.find(({ name }) => name === subject)?.result;
    const why = log.length > 0 ? log.join('\n') : `result ${result ?? 'unknown'}`;
    return { subject, message: `expected it not to fail; its last lines: ${why}` };
  });
  const state = facts?.systemState ?? '';
  if (!STATES.includes(state) && !(state === 'degraded' && failed.length > 0)) {
    const message = `expected the system to be running, found it ${state}`;
    problems.push({ subject: 'systemctl is-system-running', message });
  }
  return { examined: seen(boot.units.length, facts?.units.length), problems };
}

function checkRestarted({ boot, facts }: BootContext): CheckOutcome {
  const again = facts?.units.filter((unit) => unit.restarts > expectedRestarts(unit.name, boot)) ?? [];
  const names = [...new Set([...boot.restartedUnits, ...again.map(({ name }) => name)])].sort();
  const problems = names.map((subject): Problem => {
    const counted = facts?.units.find(({ name }) => name === subject)?.restarts ?? 0;
    const logged = boot.units.find(({ name }) => name === subject)?.restarts ?? 0;
    const times = Math.max(counted, logged);
    return { subject, message: `expected it to stay up, found that systemd restarted it ${times} times` };
  });
  return { examined: seen(boot.units.length, facts?.units.length), problems };
}

/** journald is ended with the initrd it began in and started again; systemd counts that as a restart, and logs none. */
function expectedRestarts(name: string, { seconds }: BootReport): number {
  return name === JOURNAL && seconds.initrd !== undefined ? 1 : 0;
}

function checkUnfinished({ boot, facts }: BootContext): CheckOutcome {
  const open = facts?.units.filter(({ job }) => job).map(({ name }) => name) ?? [];
  const names = [...new Set([...boot.unfinishedJobs, ...open])].sort();
  const problems = names.map(
    (subject): Problem => ({
      subject,
      message: 'expected its start job to end, found it still waiting when the machine had come to rest',
    }),
  );
  return { examined: seen(boot.units.length, facts?.units.length), problems };
}

function checkCycles({ boot }: BootContext): CheckOutcome {
  const problems = boot.orderingCycles.map(
    (line): Problem => ({
      subject: firstUnit(line),
      message: `expected no ordering cycle; systemd says: ${line}`,
      hint: 'systemd drops a unit at random to break a cycle; look for After= on something later than multi-user.target',
    }),
  );
  return { examined: boot.units.length, problems };
}

function checkWarnings({ boot }: BootContext): CheckOutcome {
  const problems = boot.unknownDirectives.map(
    (line): Problem => ({
      subject: /^(\/[^\s:]+)/.exec(line)?.[1] ?? firstUnit(line),
      message: `expected no directive systemd does not know; it says: ${line}`,
      hint: 'what systemd does not know it ignores, gates included: see catalog/directives.yaml',
    }),
  );
  return { examined: boot.units.length, problems };
}

function firstUnit(line: string): string {
  return /[\w@:.\\-]+\.(service|target|socket|mount|swap|path|timer|slice)/.exec(line)?.[0] ?? 'systemd';
}

function seen(journal: number, loaded = 0): number {
  return Math.max(journal, loaded);
}
