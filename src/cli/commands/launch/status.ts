import { setTimeout as sleep } from 'node:timers/promises';
import { createGate } from '../../../gate/gate.js';
import { chooseProvider, type ProviderOptions } from '../../../launch/choose-provider.js';
import { parseClusterName } from '../../../launch/cluster-name.js';

interface StatusOptions extends ProviderOptions {
  cluster?: string | undefined;
  watch?: true | undefined;
  json?: true | undefined;
}

/** A look at a cluster: the JSON, and the same as text. */
type Look = () => Promise<{ status: unknown; text: string }>;

/** Between two looks, in milliseconds. */
const INTERVAL = 5_000;
/** Escape sequences: the cursor to the top left, then everything below it cleared. */
const CLEAR = '\u001B[H\u001B[J';

/** `launch status`: what can be known; exit status 0 whatever it is. @throws KilnError CLUSTER_MISSING. */
export async function runStatus(options: StatusOptions): Promise<void> {
  const { watch, json } = options;
  const look = await chooseLook(parseClusterName(options.cluster), options);
  // There is nothing to tidy up, and nobody to go on for.
  process.stdout.once('error', () => process.exit());
  for (;;) {
    const { status, text } = await look();
    const output = json === true ? toJson(status, watch === true) : `${text}\n`;
    if (watch !== true) return void process.stdout.write(output);
    // Nodes come and go between two looks, so what is not new may have vanished.
    process.stdout.write(process.stdout.isTTY && json !== true ? `${CLEAR}${output}` : output);
    await sleep(INTERVAL);
  }
}

async function chooseLook(name: string, options: ProviderOptions): Promise<Look> {
  const { provider, config } = await chooseProvider(options);
  if (provider === 'local') return await localLook(name);
  const [{ lookOnAws }, { openAws }, { requireRegion }] = await Promise.all([
    import('./aws/status.js'),
    import('../../../providers/aws/open-aws.js'),
    import('../../../providers/aws/require-region.js'),
  ]);
  const api = openAws({ gate: createGate({}), region: requireRegion(options.region, config.aws) });
  return () => lookOnAws(api, name);
}

async function localLook(name: string): Promise<Look> {
  const [{ requireCluster }, { localMachineProbe }, { readStatus }, { formatStatus }] = await Promise.all([
    import('../../../launch/cluster-store.js'),
    import('../../../launch/machine-probe.js'),
    import('../../../launch/read-status.js'),
    import('./format-status.js'),
  ]);
  return async () => {
    const cluster = await requireCluster(name);
    const status = await readStatus({ cluster, probe: localMachineProbe(createGate({}), cluster) });
    return { status, text: formatStatus(status) };
  };
}

/** Watched, one document a line: what reads it needs to know where one ends. */
function toJson(status: unknown, line: boolean): string {
  return `${line ? JSON.stringify(status) : JSON.stringify(status, null, 2)}\n`;
}
