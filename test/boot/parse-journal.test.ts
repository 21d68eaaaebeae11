import test from 'ava';
import { parseJournal } from '../../src/boot/parse-journal.js';
import type { JournalEntry } from '../../src/boot/read-journal.js';
import type { BootedUnit } from '../../src/boot/types.js';

const ID = {
  starting: '7d4958e842da4a758f6c1cdc7b36dcc5',
  done: '39f53479d3a045ac8e11786248231fbf',
  failed: 'be02cf6855d2428ba40df7e9d022f03d',
  result: 'd9b373ed55a64feb8242e02dbe79a49c',
  restart: '5eb03494b6584870a536b337290809b3',
  stopped: '9d1aaa27d60140bd96365438aad20286',
  finished: 'b07a249cd024414a82dd00cd181378ff',
  shutdown: '98268866d1d54a499c4e98921d93bc40',
};

/** What PID 1 of systemd 252 writes. */
function said(
  MESSAGE: string,
  MESSAGE_ID?: string,
  UNIT?: string,
  more: Partial<JournalEntry> = {},
): JournalEntry {
  return {
    MESSAGE,
    ...(MESSAGE_ID === undefined ? {} : { MESSAGE_ID }),
    ...(UNIT === undefined ? {} : { UNIT }),
    SYSLOG_IDENTIFIER: 'systemd',
    _PID: '1',
    __MONOTONIC_TIMESTAMP: '2500000',
    ...more,
  };
}

function unitAfter(
  ...entries: JournalEntry[]
): Pick<BootedUnit, 'state' | 'reason' | 'restarts'> | undefined {
  const unit = parseJournal(entries).units.find(({ name }) => name === 'a.service');
  return unit && { state: unit.state, reason: unit.reason, restarts: unit.restarts };
}

const starting = said('Starting a.service - A...', ID.starting, 'a.service');
const started = said('Started a.service - A.', ID.done, 'a.service', { JOB_RESULT: 'done' });
const finished = said('Finished a.service - A.', ID.done, 'a.service', { JOB_RESULT: 'done' });
const failed = said("a.service: Failed with result 'exit-code'.", ID.result, 'a.service', {
  UNIT_RESULT: 'exit-code',
});
const scheduled = said('a.service: Scheduled restart job.', ID.restart, 'a.service', { N_RESTARTS: '1' });

test('a service that stays up, a oneshot that ended, a job that never ended', (t) => {
  t.deepEqual(unitAfter(starting, started), { state: 'running', reason: '', restarts: 0 });
  t.deepEqual(unitAfter(starting, finished), { state: 'ran', reason: '', restarts: 0 });
  t.deepEqual(unitAfter(starting), { state: 'starting', reason: '', restarts: 0 });
  t.deepEqual(parseJournal([starting]).unfinishedJobs, ['a.service']);
});

test('a skipped unit, with the condition; systemd 252 gives it the id of a finished job', (t) => {
  const skipped =
    'a.service - A was skipped because of an unmet condition check (ConditionPathExists=/etc/sysconfig/kubernetes-minion).';
  const reason = 'ConditionPathExists=/etc/sysconfig/kubernetes-minion';
  t.deepEqual(unitAfter(said(skipped, ID.done, 'a.service')), { state: 'skipped', reason, restarts: 0 });
  const trigger = 'a.service - A was skipped because no trigger condition checks were met.';
  t.is(unitAfter(said(trigger, ID.done, 'a.service'))?.reason, 'none of its conditions was met');
});

test('a message that came by the kernel’s log has no fields', (t) => {
  const text = 'a.service - A was skipped because of an unmet condition check (ConditionFirstBoot=yes).';
  const { _PID, ...early } = said(text);
  t.is(unitAfter(early)?.reason, 'ConditionFirstBoot=yes');
});

test('a device is never skipped, whatever systemd says', (t) => {
  const text = 'dev-ttyS0.device - /dev/ttyS0 was skipped because no trigger condition checks were met.';
  t.deepEqual(parseJournal([said(text, ID.done, 'dev-ttyS0.device')]).units, []);
});

test('a failed unit keeps why it failed; one whose requirement failed says so', (t) => {
  const job = said('Failed to start a.service - A.', ID.failed, 'a.service', { JOB_RESULT: 'failed' });
  t.deepEqual(unitAfter(starting, failed, job), { state: 'failed', reason: 'result exit-code', restarts: 0 });
  const dependency = said('Dependency failed for a.service - A.', ID.failed, 'a.service', {
    JOB_RESULT: 'dependency',
  });
  t.is(unitAfter(dependency)?.reason, 'a unit it requires failed');
  const own = said('no route to anywhere', undefined, undefined, {
    _PID: '77',
    _SYSTEMD_UNIT: 'a.service',
    SYSLOG_IDENTIFIER: 'a',
  });
  const facts = parseJournal([starting, own, failed, job]);
  t.deepEqual(facts.failedUnits, ['a.service']);
  t.deepEqual(facts.failureLogs, {
    'a.service': [starting, own, failed, job].map(({ MESSAGE }) => MESSAGE ?? ''),
  });
});

test('a unit that is restarted', (t) => {
  t.deepEqual(unitAfter(started, failed, scheduled), {
    state: 'restarting',
    reason: 'result exit-code',
    restarts: 1,
  });
  const facts = parseJournal([started, failed, scheduled, started]);
  t.is(facts.units[0]?.state, 'running');
  t.deepEqual(facts.restartedUnits, ['a.service']);
  t.deepEqual(facts.failedUnits, []);
});

test('what happens after the power button does not count', (t) => {
  const stopped = said('Stopped a.service - A.', ID.stopped, 'a.service');
  const button = said('System is powering down.', ID.shutdown, undefined, {
    SYSLOG_IDENTIFIER: 'systemd-logind',
    _PID: '400',
  });
  t.is(unitAfter(started, stopped)?.state, 'ran');
  t.is(unitAfter(started, button, stopped)?.state, 'running');
  t.is(unitAfter(started, said('Received SIGINT.'), stopped)?.state, 'running');
});

test('what the initrd was still starting is over when it hands over', (t) => {
  t.is(unitAfter(starting, said('Switching root.'))?.state, 'ran');
});

test('ordering cycles and unknown directives, each once, from systemd only', (t) => {
  const cycle = said('a.service: Found ordering cycle on b.service/start');
  const rest = said('a.service: Found dependency on c.service/start');
  const broken = said(
    'a.service: Job b.service/start deleted to break ordering cycle starting with a.service/start',
  );
  const unknown = said("/etc/systemd/system/a.service:4: Unknown key 'FooBar' in section [Unit], ignoring.");
  const kernel = said("clocksource: Unknown key 'x'", undefined, undefined, {
    SYSLOG_IDENTIFIER: 'kernel',
    _PID: '',
  });
  const facts = parseJournal([cycle, rest, broken, unknown, unknown, kernel]);
  t.deepEqual(facts.orderingCycles, [`${cycle.MESSAGE}, c.service/start`, broken.MESSAGE ?? '']);
  t.deepEqual(facts.unknownDirectives, [unknown.MESSAGE ?? '']);
});

test('seconds by stage, and none when the start-up never finished', (t) => {
  const end = said('Startup finished in …', ID.finished, undefined, {
    KERNEL_USEC: '1500000',
    INITRD_USEC: '2000000',
    USERSPACE_USEC: '30250000',
  });
  t.deepEqual(parseJournal([end]).seconds, { kernel: 1.5, initrd: 2, userspace: 30.25 });
  t.deepEqual(parseJournal([]).seconds, { kernel: undefined, initrd: undefined, userspace: undefined });
});

test('systemd 257 says skipped in other words, under the message id of a start', (t) => {
  const text =
    'a.service - A skipped, unmet condition check ConditionPathExists=/etc/sysconfig/kubernetes-minion';
  t.deepEqual(unitAfter(said(text, ID.done, 'a.service')), {
    state: 'skipped',
    reason: 'ConditionPathExists=/etc/sysconfig/kubernetes-minion',
    restarts: 0,
  });
  const trigger = 'a.service - A skipped, no trigger condition checks were met.';
  t.is(unitAfter(said(trigger, ID.done, 'a.service'))?.state, 'skipped');
});

test('an initrd without systemd begins when the kernel starts it', (t) => {
  const done = said('Startup finished', ID.finished, undefined, {
    KERNEL_USEC: '10000000',
    USERSPACE_USEC: '30000000',
  });
  const init = said('Run /init as init process', undefined, undefined, {
    SYSLOG_IDENTIFIER: 'kernel',
    _SOURCE_MONOTONIC_TIMESTAMP: '4000000',
    __MONOTONIC_TIMESTAMP: '11000000',
  });
  t.deepEqual(parseJournal([init, done]).seconds, { kernel: 4, initrd: 6, userspace: 30 });
  const root = { ...init, MESSAGE: 'Run /sbin/init as init process' };
  t.deepEqual(parseJournal([root, done]).seconds, { kernel: 10, initrd: undefined, userspace: 30 });
});
