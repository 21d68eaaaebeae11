import { loadUmlDefinition } from '../../../boot/uml/uml-definition.js';
import { KilnError } from '../../../errors.js';
import { openClusterImage } from '../../../launch/choose-image.js';
import { type ProviderOptions, requireLocal } from '../../../launch/choose-provider.js';
import { clusterFiles } from '../../../launch/cluster-files.js';
import { parseClusterName } from '../../../launch/cluster-name.js';
import { requireCluster } from '../../../launch/cluster-store.js';
import { findKubectl } from '../../../launch/smoke/find-kubectl.js';
import { formatSmokeReport } from '../../../launch/smoke/format-smoke-report.js';
import { reachThroughNamespace } from '../../../launch/smoke/reach-through-namespace.js';
import { runSmoke } from '../../../launch/smoke/run-smoke.js';
import { smokeImage } from '../../../launch/smoke/smoke-image.js';
import type { SmokeReport } from '../../../launch/smoke/types.js';
import type { Cluster } from '../../../launch/types.js';
import { formatActions, printResult } from '../../print.js';
import { withSession } from '../../session.js';

interface SmokeOptions extends ProviderOptions {
  cluster?: string | undefined;
  kubectl?: string | undefined;
  image?: string | undefined;
  patience?: string | undefined;
  dryRun?: true | undefined;
  json?: true | undefined;
}

/** `launch smoke`: prints the report. @throws KilnError TEST_FAILED unless everything that could be proved was. */
export async function runSmokeVerb(options: SmokeOptions): Promise<void> {
  const patience = parsePatience(options.patience);
  await requireLocal(options, {
    why: 'Clusters on AWS have no identity yet, so there is no API to test',
    instead:
      '`launch status --provider aws` shows whether the machines are well; docs/aws.md tells what is missing.',
  });
  const cluster = await requireCluster(parseClusterName(options.cluster));
  const { plan } = await openClusterImage(cluster.image);
  await withSession(options, async ({ gate, progress }) => {
    const report = await runSmoke({
      gate,
      progress,
      kubeconfig: clusterFiles(cluster.name).kubeconfig,
      // A dry run starts no program.
      kubectl: gate.dryRun ? 'kubectl' : await findKubectl({ gate, option: options.kubectl, plan }),
      image: options.image ?? smokeImage(plan),
      pull: options.image !== undefined,
      nodes: minions(cluster),
      ...(cluster.rig === 'uml' ? { cannot: loadUmlDefinition().definition.cannot.checks } : {}),
      // Only root can enter the namespace; without, that check says why it was skipped.
      ...(process.getuid?.() === 0
        ? { reach: reachThroughNamespace({ gate, namespace: cluster.network.namespace }) }
        : {}),
      patience,
    });
    progress.end();
    if (gate.dryRun) return printResult({ actions: gate.actions }, formatActions(gate.actions), options);
    printResult(report, formatSmokeReport(report), options);
    throwIfNotPassed(report);
  });
}

function minions({ nodes }: Cluster): string[] {
  return nodes.filter(({ roles }) => roles.includes('minion')).map(({ name }) => name);
}

function parsePatience(text: string | undefined): number | undefined {
  const factor = text === undefined ? undefined : Number(text);
  if (factor === undefined || (factor >= 0.1 && factor <= 100)) return factor;
  throw new KilnError('USAGE', `--patience wants a number from 0.1 to 100, not ${JSON.stringify(text)}`);
}

function throwIfNotPassed({ outcome, checks }: SmokeReport): void {
  if (outcome === 'passed') return;
  const failed = checks.filter((check) => check.outcome === 'failed').map(({ name }) => name);
  const message =
    outcome === 'failed'
      ? `Smoke test failed: ${failed.join(', ')}`
      : 'Smoke test incomplete: no pod of the test ran, so the cluster is not proved to work';
  throw new KilnError('TEST_FAILED', message, {
    hint: 'Each check above says what was found and where to look.',
  });
}
