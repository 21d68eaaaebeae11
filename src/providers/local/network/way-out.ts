import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { loadLocalCatalog } from '../../../catalog/local.js';
import { KilnError } from '../../../errors.js';
import type { Gate } from '../../../gate/gate.js';
import { runCommand } from '../../../gate/run-command.js';
import type { Progress } from '../../../progress.js';
import { missingTools } from '../../../tools/check-tools.js';
import { namespaceFile, networkFiles } from '../names.js';
import { inNamespace, pidOf, startDetached } from '../processes.js';
import { readLinks } from './links.js';

/** The word for its tools in catalog/tools.yaml. */
const USE = 'launch (way out)';
/** Milliseconds slirp4netns gets to make its interface: it takes some 50. */
const START_TIMEOUT = 5000;

/**
 * Lets the nodes reach what this machine reaches, as one of its ordinary programs would; nothing reaches them this way, nor
 * do they reach the host's loopback. Says why where that cannot be, which is no error: nodes need nothing from outside.
 */
export async function ensureWayOut(options: {
  gate: Gate;
  progress: Progress;
  folder: string;
  namespace: string;
}): Promise<boolean> {
  const { gate, progress } = options;
  const reason = await obstacle();
  if (reason !== undefined) {
    progress.note(`the nodes have no way out of their network: ${reason}`);
    return false;
  }
  try {
    await startWayOut(options);
    await shareAddress(options);
    return true;
  } catch (error) {
    gate.signal.throwIfAborted();
    progress.note(`the nodes have no way out of their network: ${(error as Error).message}`);
    return false;
  }
}

async function obstacle(): Promise<string | undefined> {
  const missing = missingTools(USE).map(({ name }) => name);
  if (missing.length > 0) return `${missing.join(' and ')} not installed`;
  // Destination and mask, in hexadecimal: the default route has zeros.
  const routes = (await readFile('/proc/net/route', 'utf8').catch(() => '')).split('\n').slice(1);
  const hasDefault = routes.map((line) => line.split('\t')).some((field) => Number(`0x${field[1]}`) === 0);
  return hasDefault ? undefined : 'this machine has none either';
}

async function startWayOut({
  gate,
  folder,
  namespace,
}: {
  gate: Gate;
  folder: string;
  namespace: string;
}): Promise<void> {
  const { slirp } = networkFiles(folder);
  const { interface: name } = loadLocalCatalog().wayOut;
  const place = namespaceFile(namespace);
  if ((await pidOf(slirp.pid, place)) !== undefined) return;
  const command = ['slirp4netns', '--configure', '--disable-host-loopback', '--netns-type=path', place, name];
  await startDetached(gate, { ...slirp, command, reason: 'let the nodes reach what this machine reaches' });
  if (gate.dryRun) return;
  for (const deadline = Date.now() + START_TIMEOUT; Date.now() < deadline; await sleep(50)) {
    if ((await readLinks(namespace)).includes(name)) return;
  }
  const said = (await readFile(slirp.log, 'utf8').catch(() => '')).trim().split('\n').at(-1);
  throw new KilnError('COMMAND_FAILED', `slirp4netns did not start: ${said}`);
}

/** In the cluster's namespace, whose rules are its own. */
async function shareAddress({ gate, namespace }: { gate: Gate; namespace: string }): Promise<void> {
  const rules = `table ip kiln
delete table ip kiln
table ip kiln {
  chain out {
    type nat hook postrouting priority 100;
    oifname "${loadLocalCatalog().wayOut.interface}" masquerade
  }
}
`;
  const [file = '', ...args] = inNamespace(namespace, ['nft', '-f', '-']);
  await runCommand(gate, { file, args, input: rules, reason: 'let the nodes share one address outside' });
}
