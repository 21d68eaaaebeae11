import { type SmokeCheck, type SmokeContext, unexpected } from '../check.js';
import { eventually } from '../eventually.js';
import { POD_PORT } from '../manifests.js';
import { isSchedulable, type PodObject } from '../objects.js';
import { fetchInClient, readClient, readNodes, readPods } from '../read-cluster.js';

const LIMIT = 600;

export const podsCheck: SmokeCheck = {
  name: 'pods',
  title: 'a pod reaches every other pod by its address',
  limit: LIMIT,
  needs: ['exec'],
  hint: 'On the node: ip route and ip addr show the pod network; a FORWARD policy of DROP stops pods (iptables -S FORWARD).',
  async run(context) {
    const pods = await readPods(context.kubectl, 'web');
    for (const pod of pods) await reachPod(context, pod);
    return `reached ${pods.map(({ status }) => status.podIP).join(', ')}`;
  },
};

export const acrossNodesCheck: SmokeCheck = {
  name: 'across-nodes',
  title: 'a pod reaches a pod of another node',
  limit: LIMIT,
  needs: ['exec'],
  hint: 'On both nodes: the unit of the network, and ip route, which must have the other node’s pod range.',
  async run(context) {
    const nodes = (await readNodes(context.kubectl)).filter(isSchedulable);
    if (nodes.length < 2) return { skipped: `${nodes.length} node takes pods; this needs two` };
    const here = (await readClient(context.kubectl)).spec.nodeName;
    const others = (await readPods(context.kubectl, 'web')).filter(({ spec }) => spec.nodeName !== here);
    if (others.length === 0)
      throw unexpected(`all pods were put on ${here}, with ${nodes.length} nodes to choose from`);
    for (const pod of others) await reachPod(context, pod);
    return others.map(({ spec }) => `from ${here} to ${spec.nodeName}`).join(', ');
  },
};

/** Asks a pod by its address until it answers with its own name. */
export async function reachPod(context: SmokeContext, { metadata, status }: PodObject): Promise<void> {
  await eventually(context, async () => {
    const answer = await fetchInClient(context.kubectl, `http://${status.podIP}:${POD_PORT}/`);
    if (answer !== metadata.name)
      throw unexpected(`${status.podIP} is ${metadata.name} but answers ${JSON.stringify(answer)}`);
  });
}
