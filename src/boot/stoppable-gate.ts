import type { Gate } from '../gate/gate.js';

/** The same gate, whose work also ends when `stop` does: for a process kiln itself ends, such as a virtual machine. */
export function stoppableGate(gate: Gate, stop: AbortSignal): Gate {
  return {
    dryRun: gate.dryRun,
    actions: gate.actions,
    signal: AbortSignal.any([gate.signal, stop]),
    perform: (action, work) => gate.perform(action, (signal) => work(AbortSignal.any([signal, stop]))),
  };
}
