import { KilnError } from '../errors.js';
import type { Gate } from './gate.js';

/** A command as an argument list; never a shell string. */
export interface Command {
  file: string;
  args: readonly string[];
  cwd?: string;
  env?: Readonly<Record<string, string>>;
  /** Given to the process on standard input. */
  input?: string | Uint8Array;
  /** Called for each line the process prints on stdout or stderr, as it prints it. */
  onLine?: (line: string) => void;
  /** Time it may take, in milliseconds; none by default. */
  timeout?: number;
  /** Why it is run: used in the dry-run list and in errors. */
  reason: string;
}

/** How many of the last lines of a failed command its error shows. */
const TAIL_LINES = 15;

/**
 * Runs one command through the gate and returns its standard output ('' in a dry run). Interrupted, it gets SIGTERM
 * and, 10 s later, SIGKILL. Output is kept to its last lines in memory unless `capture` is set.
 *
 * @throws KilnError COMMAND_FAILED with the last lines of its output; TOOL_MISSING when there is no such program.
 */
export async function runCommand(gate: Gate, command: Command, { capture = false } = {}): Promise<string> {
  const target = [command.file, ...command.args].join(' ');
  const output = await gate.perform({ verb: 'run', target, reason: command.reason }, (signal) =>
    execute(command, signal, capture),
  );
  return output ?? '';
}

async function execute(command: Command, signal: AbortSignal, capture: boolean): Promise<string> {
  const { execa } = await import('execa');
  const child = execa(command.file, command.args, {
    ...(command.cwd === undefined ? {} : { cwd: command.cwd }),
    ...(command.env === undefined ? {} : { env: command.env }),
    ...(command.input === undefined ? { stdin: 'ignore' as const } : { input: command.input }),
    ...(command.timeout === undefined ? {} : { timeout: command.timeout }),
    all: true,
    buffer: { stdout: capture, stderr: false, all: false },
    cancelSignal: signal,
    forceKillAfterDelay: 10_000,
    reject: false,
  });
  const tail: string[] = [];
  for await (const line of child.iterable({ from: 'all' })) {
    tail.push(String(line));
    if (tail.length > TAIL_LINES) tail.shift();
    command.onLine?.(String(line));
  }
  const result = await child;
  if (result.isCanceled) throw new KilnError('INTERRUPTED', `Interrupted: ${command.reason}`);
  if (result.failed) throw failure(command, tail, result);
  return typeof result.stdout === 'string' ? result.stdout : '';
}

function failure(
  command: Command,
  tail: string[],
  result: { code?: string | undefined; exitCode?: number | undefined; timedOut: boolean },
): KilnError {
  if (result.code === 'ENOENT') {
    return new KilnError(
      'TOOL_MISSING',
      `${command.file} is not installed; it is needed to ${command.reason}`,
      {
        hint: 'Run `bake doctor` for every tool that is missing and how to get it.',
      },
    );
  }
  const how = result.timedOut
    ? `took more than ${command.timeout} ms`
    : `ended with status ${result.exitCode}`;
  const last = tail.map((line) => `  | ${line}`).join('\n');
  return new KilnError('COMMAND_FAILED', `Could not ${command.reason}: ${command.file} ${how}\n${last}`);
}
