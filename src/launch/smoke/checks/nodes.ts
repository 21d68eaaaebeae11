import { type SmokeCheck, unexpected } from '../check.js';
import { eventually } from '../eventually.js';
import { isReady, type NodeObject } from '../objects.js';
import { readNodes } from '../read-cluster.js';

export const nodesCheck: SmokeCheck = {
  name: 'nodes',
  title: 'every node is ready',
  limit: 1800,
  needs: ['api'],
  hint: 'kubectl describe node NAME says why; on the node: journalctl -b -u kubelet.service -u containerd.service.',
  async run(context) {
    const nodes = await eventually(context, async () => {
      const found = await readNodes(context.kubectl);
      const wrong = problems(found, context.nodes);
      if (wrong.length > 0) throw unexpected(wrong.join('; '));
      return found;
    });
    return `ready: ${nodes.map(({ metadata }) => metadata.name).join(', ')}`;
  },
};

function problems(found: readonly NodeObject[], wanted: readonly string[]): string[] {
  if (found.length === 0) return ['the cluster has no node'];
  const names = found.map(({ metadata }) => metadata.name);
  const missing = wanted.filter((name) => !names.includes(name));
  const waiting = found.filter((node) => !isReady(node)).map(describe);
  return [...missing.map((name) => `${name} never joined the cluster`), ...waiting];
}

function describe({ metadata, status }: NodeObject): string {
  const ready = status.conditions?.find(({ type }) => type === 'Ready');
  return `${metadata.name} is not ready: ${ready?.message ?? 'the node has not reported yet'}`;
}
