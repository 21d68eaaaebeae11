import type { JournalEntry } from './read-journal.js';
import type { BootedUnit, JournalFacts, UnitState } from './types.js';

/** Message ids of systemd's own catalogue (`journalctl --list-catalog`), stable since they were introduced. */
const STARTING = '7d4958e842da4a758f6c1cdc7b36dcc5';
const STARTED = '39f53479d3a045ac8e11786248231fbf';
const START_FAILED = 'be02cf6855d2428ba40df7e9d022f03d';
const SUCCEEDED = '7ad2d189f7e94e70a38c781354912448';
const FAILED = 'd9b373ed55a64feb8242e02dbe79a49c';
const RESTART = '5eb03494b6584870a536b337290809b3';
const STOPPED = '9d1aaa27d60140bd96365438aad20286';
const STARTUP_FINISHED = 'b07a249cd024414a82dd00cd181378ff';
const SWITCHING_ROOT = 'Switching root.';
const SHUTDOWN = '98268866d1d54a499c4e98921d93bc40';

const FAILURE_LINES = 8;
const CYCLE = /ordering cycle|deleted to break/i;
/** systemd lists the rest of a cycle after it, a unit a line. */
const DEPENDENCY = /Found dependency on (\S+)/;
const UNKNOWN = /Unknown (key|lvalue|section|assignment)|Failed to parse|Invalid section/i;
/**
 * systemd ≥ 250 names the condition; with `|` conditions only, and before 250, it does not. Newer ones (257 does) say
 * "skipped, unmet condition check ConditionPathExists=/x", without brackets.
 */
const SKIPPED = /was skipped because| skipped, |^Condition check resulted in .* being skipped/;
const CONDITION = /(?:\(|check )(Condition\w+|Assert\w+)=(.*?)\)?\.?$/;
/** How a unit is named at the start of a message that came by the kernel's log, without fields. */
const NAMED =
  /^([\w@:.\\-]+\.(?:service|target|socket|mount|swap|path|timer|slice|device|automount))(?::| - )/;

/** Replays systemd's own messages of one boot, up to the shutdown, into what became of each unit. */
export function parseJournal(entries: readonly JournalEntry[]): JournalFacts {
  const boot = beforeShutdown(entries);
  const manager = boot.filter(isFromManager);
  const units = replay(manager);
  const finished = manager.find((entry) => entry.MESSAGE_ID === STARTUP_FINISHED);
  return {
    units,
    failedUnits: namesIn(units, 'failed'),
    failureLogs: Object.fromEntries(namesIn(units, 'failed').map((name) => [name, lastLines(boot, name)])),
    restartedUnits: units.filter(({ restarts }) => restarts > 0).map(({ name }) => name),
    unfinishedJobs: namesIn(units, 'starting'),
    orderingCycles: cycles(manager),
    unknownDirectives: messages(boot.filter(isFromSystemd), UNKNOWN),
    seconds: {
      ...beforeUserspace(finished, boot.find(isInitrdStart)),
      userspace: seconds(finished?.USERSPACE_USEC),
    },
  };
}

/** An initrd without systemd reports no time: systemd then counts it as the kernel's, which says itself when it started it. */
function beforeUserspace(
  finished: JournalEntry | undefined,
  initrdStart: JournalEntry | undefined,
): { kernel: number | undefined; initrd: number | undefined } {
  const kernel = seconds(finished?.KERNEL_USEC);
  const initrd = seconds(finished?.INITRD_USEC);
  const start = seconds(initrdStart?._SOURCE_MONOTONIC_TIMESTAMP);
  if (initrd !== undefined || kernel === undefined || start === undefined) return { kernel, initrd };
  return { kernel: start, initrd: kernel - start };
}

/** The kernel runs /init only from an initrd; on a root file system it is /sbin/init. */
function isInitrdStart(entry: JournalEntry): boolean {
  return entry.SYSLOG_IDENTIFIER === 'kernel' && entry.MESSAGE === 'Run /init as init process';
}

function beforeShutdown(entries: readonly JournalEntry[]): readonly JournalEntry[] {
  const end = entries.findIndex((entry) => entry.MESSAGE_ID === SHUTDOWN || isCtrlAltDelete(entry));
  return end === -1 ? entries : entries.slice(0, end);
}

function isCtrlAltDelete(entry: JournalEntry): boolean {
  return entry._PID === '1' && /^Received SIGINT/.test(entry.MESSAGE ?? '');
}

/** PID 1 itself; what it said before journald ran has come by the kernel's log and has no process id. */
function isFromManager(entry: JournalEntry): boolean {
  return entry.SYSLOG_IDENTIFIER === 'systemd' && (entry._PID === '1' || entry._PID === undefined);
}

function isFromSystemd(entry: JournalEntry): boolean {
  return /^(systemd|\(sd-)/.test(entry.SYSLOG_IDENTIFIER ?? '');
}

function replay(manager: readonly JournalEntry[]): BootedUnit[] {
  const units = new Map<string, BootedUnit>();
  for (const entry of manager) {
    if (entry.MESSAGE === SWITCHING_ROOT) endInitrd(units);
    const name = entry.UNIT ?? NAMED.exec(entry.MESSAGE ?? '')?.[1];
    if (name === undefined) continue;
    const before = units.get(name);
    const change = changeOf(entry, before);
    if (change === undefined || isDeviceSkip(name, change)) continue;
    const restarts = (before?.restarts ?? 0) + (entry.MESSAGE_ID === RESTART ? 1 : 0);
    const at = Number(entry.__MONOTONIC_TIMESTAMP) / 1e6;
    units.set(name, { name, ...change, at, restarts });
  }
  return [...units.values()].sort((left, right) => (left.name < right.name ? -1 : 1));
}

/** What the initrd was still starting when it handed over is over. */
function endInitrd(units: Map<string, BootedUnit>): void {
  for (const [name, unit] of units) {
    if (unit.state === 'starting') units.set(name, { ...unit, state: 'ran' });
  }
}

/** systemd 252 says of devices that they were skipped; a device has no conditions. */
function isDeviceSkip(name: string, { state }: { state: UnitState }): boolean {
  return state === 'skipped' && name.endsWith('.device');
}

/** The state after one message; `undefined` when the message changes nothing. */
function changeOf(
  entry: JournalEntry,
  before: BootedUnit | undefined,
): { state: UnitState; reason: string } | undefined {
  const message = entry.MESSAGE ?? '';
  if (SKIPPED.test(message)) return { state: 'skipped', reason: conditionOf(message) };
  switch (entry.MESSAGE_ID) {
    case STARTING:
      return { state: 'starting', reason: '' };
    case STARTED:
      // systemd says "Finished" of a oneshot and "Started" of what stays up.
      return { state: message.startsWith('Finished') ? 'ran' : 'running', reason: '' };
    case FAILED:
      return { state: 'failed', reason: `result ${entry.UNIT_RESULT ?? 'unknown'}` };
    case START_FAILED:
      return { state: 'failed', reason: before?.state === 'failed' ? before.reason : jobFailure(entry) };
    case RESTART:
      return { state: 'restarting', reason: before?.reason || 'it ended' };
    case SUCCEEDED:
    case STOPPED:
      return before?.state === 'failed' ? undefined : { state: 'ran', reason: '' };
    default:
      return undefined;
  }
}

/** Each cycle with all its units, for the one to mend is seldom the one systemd begins with. */
function cycles(manager: readonly JournalEntry[]): string[] {
  const found: string[] = [];
  for (const { MESSAGE = '' } of manager) {
    const next = DEPENDENCY.exec(MESSAGE)?.[1];
    const last = found.at(-1);
    if (CYCLE.test(MESSAGE)) found.push(MESSAGE);
    else if (next !== undefined && last !== undefined) found[found.length - 1] = `${last}, ${next}`;
  }
  return [...new Set(found)];
}

function conditionOf(message: string): string {
  const condition = CONDITION.exec(message);
  return condition === null ? 'none of its conditions was met' : `${condition[1]}=${condition[2]}`;
}

function jobFailure(entry: JournalEntry): string {
  return entry.JOB_RESULT === 'dependency' ? 'a unit it requires failed' : `start job: ${entry.JOB_RESULT}`;
}

function lastLines(boot: readonly JournalEntry[], unit: string): string[] {
  const own = boot.filter((entry) => entry._SYSTEMD_UNIT === unit || entry.UNIT === unit);
  return own.slice(-FAILURE_LINES).map((entry) => entry.MESSAGE ?? '');
}

function namesIn(units: readonly BootedUnit[], state: UnitState): string[] {
  return units.filter((unit) => unit.state === state).map((unit) => unit.name);
}

function messages(entries: readonly JournalEntry[], pattern: RegExp): string[] {
  const texts = entries.map((entry) => entry.MESSAGE ?? '').filter((message) => pattern.test(message));
  return [...new Set(texts)];
}

function seconds(microseconds: string | undefined): number | undefined {
  return microseconds === undefined ? undefined : Number(microseconds) / 1e6;
}
