import type { Gate } from '../gate/gate.js';
import { type Command, runCommand } from '../gate/run-command.js';
import { stoppableGate } from './stoppable-gate.js';

/** The process a machine runs in. */
export interface MachineProcess {
  /** Settles when it is gone. Throws when it failed by itself, or kiln was interrupted. */
  exited: Promise<void>;
  isRunning(): boolean;
  /** Whatever it says from here on is no failure. */
  expectEnd(): void;
  end(): void;
}

/** Runs a machine's program until it ends or is ended. */
export function runMachine(gate: Gate, command: Omit<Command, 'reason'>): MachineProcess {
  const stopper = new AbortController();
  let running = true;
  let asked = false;
  const exited = runCommand(stoppableGate(gate, stopper.signal), {
    ...command,
    reason: 'boot the image',
  }).then(
    () => {
      running = false;
    },
    (error: unknown) => {
      running = false;
      if (!asked || gate.signal.aborted) throw error;
    },
  );
  exited.catch(() => {});
  return {
    exited,
    isRunning: () => running,
    expectEnd() {
      asked = true;
    },
    end() {
      asked = true;
      stopper.abort();
    },
  };
}
