import { spawn } from 'node:child_process';
import { KilnError } from '../errors.js';
import type { Gate } from '../gate/gate.js';

/**
 * Runs a command with this terminal as its own and returns its exit status, 130 after a Ctrl-C. Ctrl-C is the command's: it
 * does not end kiln while that runs.
 *
 * @throws KilnError TOOL_MISSING
 */
export async function runAttached(gate: Gate, command: readonly string[], reason: string): Promise<number> {
  const [file = '', ...args] = command;
  const status = await gate.perform({ verb: 'run', target: command.join(' '), reason }, async () => {
    let interrupted = false;
    const note = (): void => {
      interrupted = true;
    };
    process.on('SIGINT', note);
    try {
      const status = await exitStatus(file, args);
      // ssh ends with 255 then, as when it could not log in. In a terminal of the node's own, Ctrl-C never comes here.
      return interrupted && status !== 0 ? 130 : status;
    } finally {
      process.off('SIGINT', note);
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
