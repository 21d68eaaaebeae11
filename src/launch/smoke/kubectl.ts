import { KilnError } from '../../errors.js';
import type { Gate } from '../../gate/gate.js';
import { runCommand } from '../../gate/run-command.js';

/** The real kubectl against one cluster, for one check: nothing it does goes on past the check's deadline. */
export interface Kubectl {
  /** Runs it and returns what it prints. @throws KilnError COMMAND_FAILED, TOOL_MISSING, INTERRUPTED */
  run(reason: string, args: readonly string[], input?: string): Promise<string>;
  /** Runs it with `--output=json`; `null` when it prints nothing (`--ignore-not-found`). */
  json<T>(reason: string, args: readonly string[]): Promise<T | null>;
  /** Milliseconds left for this check. */
  left(): number;
}

/** `seconds` bounds everything done with what it returns, counted from now. */
export function createKubectl({
  gate,
  program,
  kubeconfig,
  seconds,
}: {
  gate: Gate;
  program: string;
  kubeconfig: string;
  seconds: number;
}): Kubectl {
  const deadline = Date.now() + seconds * 1000;
  const left = (): number => Math.max(0, deadline - Date.now());

  async function run(reason: string, args: readonly string[], input?: string): Promise<string> {
    if (left() === 0) throw outOfTime(reason, seconds);
    const command = {
      file: program,
      args: [`--kubeconfig=${kubeconfig}`, ...args],
      reason,
      timeout: left(),
      ...(input === undefined ? {} : { input }),
    };
    return await runCommand(gate, command, { capture: true });
  }

  async function json<T>(reason: string, args: readonly string[]): Promise<T | null> {
    const text = await run(reason, [...args, '--output=json']);
    return text.trim() === '' ? null : (JSON.parse(text) as T);
  }

  return { run, json, left };
}

function outOfTime(reason: string, seconds: number): KilnError {
  return new KilnError('COMMAND_FAILED', `Could not ${reason}: the ${seconds} s for it are over`);
}
