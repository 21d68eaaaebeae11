import type { Gate } from '../../gate/gate.js';
import { runCommand } from '../../gate/run-command.js';
import type { Reach } from './types.js';

/** Node itself, so that no other program has to be there. The body as it is, on standard output. */
const FETCH = `
const fail = (why) => { console.error(why); process.exit(1); };
try {
  const response = await fetch(process.argv[1], { signal: AbortSignal.timeout(20_000) });
  if (!response.ok) fail('HTTP ' + response.status);
  process.stdout.write(await response.text());
} catch (error) {
  fail(error.cause?.message ?? error.message);
}`;

/** Reaches the nodes of a local cluster from its network namespace, where the bridge they are on is. Needs root. */
export function reachThroughNamespace({ gate, namespace }: { gate: Gate; namespace: string }): Reach {
  return async (url) => {
    const args = ['netns', 'exec', namespace, process.execPath, '--input-type=module', '--eval', FETCH, url];
    return await runCommand(
      gate,
      { file: 'ip', args, reason: `fetch ${url}`, timeout: 30_000 },
      { capture: true },
    );
  };
}
