import { readdir, readFile, readlink, stat } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { loadLocalCatalog } from '../../catalog/local.js';
import type { Gate } from '../../gate/gate.js';
import { runCommand } from '../../gate/run-command.js';
import { namespaceFile } from './names.js';

export interface FoundProcess {
  pid: number;
  /** The program's file name, and the arguments after it. */
  name: string;
  args: string[];
}

/** Milliseconds between two looks at processes that are to end. */
const INTERVAL = 50;
/** Milliseconds the kernel gets to take away what was killed. */
const KILL_TIMEOUT = 10_000;

/**
 * POSIX sh: writes its process id down and becomes the command. Arguments: PIDFILE LOGFILE COMMAND…
 * With the name of the script, so that what it is for shows in a list of processes.
 */
const DETACHED = 'echo "$$" > "$1"; log=$2; shift 2; exec "$@" < /dev/null >> "$log" 2>&1';

/** Starts a command in a session of its own, which goes on when kiln ends. What it says is appended to `log`. */
export async function startDetached(
  gate: Gate,
  {
    namespace,
    pid,
    log,
    command,
    reason,
  }: { namespace?: string; pid: string; log: string; command: readonly string[]; reason: string },
): Promise<void> {
  const detached = ['setsid', '--fork', 'sh', '-c', DETACHED, 'kiln-detached', pid, log, ...command];
  const [file = '', ...args] = namespace === undefined ? detached : inNamespace(namespace, detached);
  await runCommand(gate, { file, args, reason });
}

/** A command that is run inside a network namespace. */
export function inNamespace(namespace: string, command: readonly string[]): string[] {
  return ['ip', 'netns', 'exec', namespace, ...command];
}

/**
 * The process a pid file names, if it is still the one that was started: ids are given again, so the command line has to
 * have `mark` in it.
 */
export async function pidOf(pidFile: string, mark: string): Promise<number | undefined> {
  const pid = Number((await readFile(pidFile, 'utf8').catch(() => '')).trim());
  if (!Number.isInteger(pid) || pid < 2) return undefined;
  return (await argumentsOf(pid)).some((argument) => argument.includes(mark)) ? pid : undefined;
}

/**
 * The programs kiln starts for clusters that have `mark` in an argument. Neither this process nor those it was started by
 * are among them, nor what a person runs on the same files.
 */
export async function findPrograms(mark: string): Promise<FoundProcess[]> {
  const { programs } = loadLocalCatalog();
  const own = await ancestors();
  const found = await Promise.all((await listPids()).filter((pid) => !own.has(pid)).map(readProcess));
  return found.filter(({ name, args }) => {
    if (!programs.includes(name) || !args.some((argument) => argument.includes(mark))) return false;
    // A shell is nobody's unless it runs a script of kiln's, which all have a name.
    return name !== 'sh' || args.some((argument) => argument.startsWith('kiln-'));
  });
}

/** All processes in a network namespace, whoever started them. */
export async function findInNamespace(namespace: string): Promise<FoundProcess[]> {
  const wanted = await stat(namespaceFile(namespace)).catch(() => undefined);
  const host = await readlink('/proc/self/ns/net');
  // A name left without its namespace is an ordinary file, or none.
  if (wanted === undefined || host === `net:[${wanted.ino}]`) return [];
  const own = await ancestors();
  const pids = (await listPids()).filter((pid) => !own.has(pid));
  const spaces = await Promise.all(pids.map((pid) => readlink(`/proc/${pid}/ns/net`).catch(() => '')));
  return Promise.all(pids.filter((_pid, index) => spaces[index] === `net:[${wanted.ino}]`).map(readProcess));
}

/** Sends a signal to each that is still there. */
export async function signalProcesses(
  gate: Gate,
  processes: readonly FoundProcess[],
  signal: NodeJS.Signals,
): Promise<void> {
  for (const { pid, name } of processes) {
    await gate.perform({ verb: 'end', target: `process ${pid} (${name})`, reason: signal }, async () => {
      try {
        process.kill(pid, signal);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
      }
    });
  }
}

/** Kills what `find` finds until it finds nothing more, also what was just being started. */
export async function killUntilGone(
  gate: Gate,
  find: () => Promise<FoundProcess[]>,
): Promise<FoundProcess[]> {
  const killed = new Map<number, FoundProcess>();
  const deadline = Date.now() + KILL_TIMEOUT;
  for (let found = await find(); found.length > 0; found = await find()) {
    const fresh = found.filter(({ pid }) => !killed.has(pid));
    for (const each of fresh) killed.set(each.pid, each);
    await signalProcesses(gate, fresh, 'SIGKILL');
    if (gate.dryRun || Date.now() > deadline) break;
    await sleep(INTERVAL);
  }
  return [...killed.values()];
}

/** Waits until `find` finds nothing, so many milliseconds at most; says whether it came to that. */
export async function waitUntilGone(
  gate: Gate,
  find: () => Promise<readonly FoundProcess[]>,
  timeout: number,
): Promise<boolean> {
  for (const deadline = Date.now() + timeout; Date.now() < deadline; ) {
    if ((await find()).length === 0) return true;
    await sleep(INTERVAL * 2, undefined, { signal: gate.signal });
  }
  return false;
}

async function listPids(): Promise<number[]> {
  return (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
}

async function readProcess(pid: number): Promise<FoundProcess> {
  const [file = '', ...args] = await argumentsOf(pid);
  return { pid, name: path.basename(file), args };
}

/** Empty for a process that is gone, or dead and not yet collected. */
async function argumentsOf(pid: number): Promise<string[]> {
  const line = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  return line.split('\0');
}

/** This process and those it was started by, up to the first. */
async function ancestors(): Promise<Set<number>> {
  const found = new Set<number>();
  for (let pid = process.pid; pid > 0 && !found.has(pid); ) {
    found.add(pid);
    const line = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
    // The name may hold spaces and brackets, but nothing after it does.
    pid = Number(line.split(') ').at(-1)?.split(' ')[1] ?? 0);
  }
  return found;
}
