import { type SmokeCheck, unexpected } from '../check.js';
import { SELECTOR } from '../manifests.js';
import { isSchedulable } from '../objects.js';
import { readNodes, readPods } from '../read-cluster.js';
import { DRAINED, uncordonDrained } from '../tidy.js';
import { readyPods } from './deploy.js';

export const drainCheck: SmokeCheck = {
  name: 'drain',
  title: 'a drained node gives up its pods, which start elsewhere, and takes pods again afterwards',
  limit: 1800,
  needs: ['replace'],
  hint: 'kubectl get events -n kiln-smoke; kubectl uncordon NODE when a node stays SchedulingDisabled.',
  async run(context) {
    const { kubectl } = context;
    const nodes = (await readNodes(kubectl)).filter(isSchedulable).map(({ metadata }) => metadata.name);
    if (nodes.length < 2) return { skipped: `${nodes.length} node takes pods; this needs two` };
    const node = (await readPods(kubectl, 'web'))
      .map(({ spec }) => spec.nodeName)
      .find((name) => name !== undefined);
    if (node === undefined) throw unexpected('no pod of the test is on a node');
    // Told to the cluster before the node is cordoned: a later run can then undo what a killed one left.
    await kubectl.run(`mark ${node}`, ['label', 'node', node, `${DRAINED}=true`, '--overwrite']);
    // The test's own pods only: nobody else's are moved.
    const drain = [
      'drain',
      node,
      `--pod-selector=${SELECTOR}`,
      '--ignore-daemonsets',
      '--delete-emptydir-data',
    ];
    await kubectl.run(`drain ${node}`, drain);
    const pods = await readyPods(context);
    const left = pods.filter(({ spec }) => spec.nodeName === node);
    if (left.length > 0) throw unexpected(`${left[0]?.metadata.name} is on ${node}, which is drained`);
    await uncordonDrained(kubectl);
    const again = (await readNodes(kubectl)).find(({ metadata }) => metadata.name === node);
    if (again?.spec.unschedulable === true) throw unexpected(`${node} is still cordoned`);
    return `${node} drained; its pods went to ${[...new Set(pods.map(({ spec }) => spec.nodeName))].join(', ')}`;
  },
};
