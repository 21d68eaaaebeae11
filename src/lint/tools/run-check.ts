import { KilnError } from '../../errors.js';
import type { Gate } from '../../gate/gate.js';
import { type Command, runCommand } from '../../gate/run-command.js';

/** What a checking tool said; `missing` when it is not installed. */
export type CheckOutput = { missing: string } | { missing?: never; failed: boolean; lines: string[] };

/** Runs a tool whose failure is a finding and not an error, and keeps every line it prints. */
export async function runCheck(gate: Gate, command: Omit<Command, 'onLine'>): Promise<CheckOutput> {
  const lines: string[] = [];
  try {
    await runCommand(gate, { ...command, onLine: (line) => lines.push(line) });
    return { failed: false, lines };
  } catch (error) {
    if (!(error instanceof KilnError)) throw error;
    if (error.code === 'TOOL_MISSING') return { missing: `${command.file} is not installed` };
    if (error.code === 'COMMAND_FAILED') return { failed: true, lines };
    throw error;
  }
}
