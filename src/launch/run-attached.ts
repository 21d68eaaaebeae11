import { spawn } from 'node:child_process';
import { KilnError } from '../errors.js';
import type { Gate } from '../gate/gate.js';

/**
 * Runs a command with this terminal as its own and returns its exit status. Ctrl-C is the command's: it is not heard here
 * while that runs.
 *
 * @throws KilnError TOOL_MISSING
 */
export async function runAttached(gate: Gate, command: readonly string[], reason: string): Promise<number> {
  const [file = '', ...args] = command;
  const status = await gate.perform({ verb: 'run', target: command.join(' '), reason }, async () => {
    const ignore = (): void => {};
    process.on('SIGINT', ignore);
    try {
      return await exitStatus(file, args);
    } finally {
      process.off('SIGINT', ignore);
    }
  });
  return status ?? 0;
}

function exitStatus(file: string, args: readonly string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { stdio: 'inherit' });
    child.once('error', (error) =>
      reject(
        new KilnError('TOOL_MISSING', `Cannot run ${file}: ${error.message}`, {
          hint: 'See `bake doctor --for launch`.',
        }),
      ),
    );
    // What a shell says of a program that a signal ended; only Ctrl-C is common.
    child.once('close', (status, signal) => resolve(status ?? (signal === 'SIGINT' ? 130 : 143)));
  });
}
