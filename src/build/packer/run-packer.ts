import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { KilnError } from '../../errors.js';
import type { Gate } from '../../gate/gate.js';
import type { Progress } from '../../progress.js';
import { type PackerMessage, parsePackerLine } from './packer-output.js';

/** How long Packer may take to end its virtual machine when interrupted, milliseconds. */
const CLEAN_UP_TIME = 30_000;
const TAIL_LINES = 15;
/** What the scripts inside the machine print before the name of a step. */
const STEP_MARK = 'kiln: ';
/** Packer's own words → what they mean for the person waiting. The rest of its steps is noise beside these. */
const STEPS: readonly [RegExp, string][] = [
  [/^Retrieving ISO|^Copying hard drive/, 'Copying the base image'],
  [/^Starting VM/, 'Starting the virtual machine'],
  [/^Waiting for SSH/, 'Waiting for SSH: the base image boots'],
  [/^Connected to SSH/, 'Waiting for the first boot to finish'],
  [/^Gracefully halting/, 'Cleaning up inside and shutting down'],
  [/^Creating temporary security group/, 'Opening the builder to the addresses that may come in'],
  [/^Launching a source AWS instance/, 'Starting the builder instance'],
  [/^Stopping the source instance/, 'Stopping the builder'],
  [/^Creating AMI /, 'Making the AMI of its disk'],
  [/^Terminating the source AWS instance/, 'Terminating the builder and all that was made for it'],
];

/**
 * Runs Packer in a process group of its own, so that nothing it starts outlives it: interrupted, it is asked to clean up,
 * then the group is killed.
 *
 * @throws KilnError INTERRUPTED; COMMAND_FAILED with what Packer and the machine said last.
 */
export async function runPacker({
  gate,
  args,
  cwd,
  environment,
  progress,
  reason = 'bake the image in a virtual machine',
  parameters,
  cleanUpTime = CLEAN_UP_TIME,
}: {
  gate: Gate;
  args: readonly string[];
  cwd: string;
  environment: Readonly<Record<string, string>>;
  progress: Progress;
  reason?: string;
  /** The variables of this run, for a dry run to show. */
  parameters?: unknown;
  /** How long it may take to end what it started when interrupted, milliseconds. */
  cleanUpTime?: number;
}): Promise<void> {
  const target = ['packer', ...args].join(' ');
  const action = { verb: 'run', target, reason, ...(parameters === undefined ? {} : { parameters }) };
  await gate.perform(action, async (signal) => {
    const child = spawn('packer', args, {
      cwd,
      env: { ...process.env, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    const tail: string[] = [];
    const listening = Promise.all(
      [child.stdout, child.stderr].map((stream) => listen(stream, tail, progress)),
    );
    const status = await superviseGroup(child, signal, cleanUpTime);
    await listening;
    if (signal.aborted) throw new KilnError('INTERRUPTED', `Interrupted: ${reason}`);
    if (status !== 0) throw packerFailed(status, tail);
  });
}

/** Waits for the leader of a process group; whatever of the group is left then is killed. Returns its exit status. */
async function superviseGroup(
  child: ChildProcess,
  signal: AbortSignal,
  cleanUpTime: number,
): Promise<number | null> {
  let deadline: NodeJS.Timeout | undefined;
  const killGroup = (): void => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    } catch {
      // The group is gone.
    }
  };
  const interrupt = (): void => {
    // Not SIGINT: Packer's outer process leaves that one to the terminal, which sends it to the whole group.
    child.kill('SIGTERM');
    deadline = setTimeout(killGroup, cleanUpTime);
  };
  signal.addEventListener('abort', interrupt, { once: true });
  // kiln itself may be told to end at once: a virtual machine must not stay behind.
  process.once('exit', killGroup);
  try {
    const [status] = (await once(child, 'exit')) as [number | null];
    return status;
  } finally {
    clearTimeout(deadline);
    signal.removeEventListener('abort', interrupt);
    process.off('exit', killGroup);
    killGroup();
  }
}

async function listen(stream: NodeJS.ReadableStream, tail: string[], progress: Progress): Promise<void> {
  for await (const line of createInterface({ input: stream })) {
    const message = parsePackerLine(line);
    if (message === undefined || message.text === '') continue;
    tail.push(message.text);
    if (tail.length > TAIL_LINES) tail.shift();
    report(message, progress);
  }
}

function report({ kind, text }: PackerMessage, progress: Progress): void {
  const step = text.startsWith(STEP_MARK) ? text.slice(STEP_MARK.length) : ownStep(kind, text);
  if (step !== undefined) progress.step(step);
  else progress.note(text.split('\n').at(-1) ?? '');
}

function ownStep(kind: PackerMessage['kind'], text: string): string | undefined {
  return kind === 'say' ? STEPS.find(([pattern]) => pattern.test(text))?.[1] : undefined;
}

function packerFailed(status: number | null, tail: readonly string[]): KilnError {
  const last = tail.flatMap((text) => text.split('\n')).map((line) => `  | ${line}`);
  return new KilnError('COMMAND_FAILED', `Packer ended with status ${status}\n${last.join('\n')}`);
}
