import { type SmokeCheck, type SmokeContext, unexpected } from '../check.js';
import { eventually } from '../eventually.js';
import { REPLICAS, smokeManifests } from '../manifests.js';
import { isReady, type PodObject, whyNotReady } from '../objects.js';
import { readPods } from '../read-cluster.js';
import { tidy } from '../tidy.js';

/** The kubelet tries again for ever, but an image that is not on the node will not appear. */
const HOPELESS = /^(ErrImageNeverPull|InvalidImageName|CreateContainerConfigError)\b/;

export const deployCheck: SmokeCheck = {
  name: 'deploy',
  title: `a Deployment of ${REPLICAS} pods runs, with a ConfigMap, a Secret and a Service`,
  limit: 1800,
  needs: ['nodes'],
  hint: 'kubectl describe pods -n kiln-smoke; on the node: journalctl -b -u kubelet.service -u kube-images.service.',
  async run(context) {
    const { kubectl, image, pull } = context;
    if (image === undefined) return { skipped: 'no image for its pods is baked, and none was given' };
    await tidy(kubectl);
    const list = { apiVersion: 'v1', kind: 'List', items: smokeManifests({ image, pull }) };
    await kubectl.run('create the objects of the test', ['apply', '--filename=-'], JSON.stringify(list));
    const pods = await readyPods(context);
    return pods.map(({ metadata, spec }) => `${metadata.name} on ${spec.nodeName}`).join(', ');
  },
};

/** Waits until all pods of the test are ready, but not when one never will be. */
export async function readyPods(context: SmokeContext): Promise<PodObject[]> {
  const { kubectl } = context;
  const pods = await eventually(context, async () => {
    const found = [...(await readPods(kubectl, 'web')), ...(await readPods(kubectl, 'client'))];
    const waiting = found.filter((pod) => !isReady(pod));
    if (found.length > REPLICAS && (waiting.length === 0 || waiting.some(isHopeless))) return found;
    throw notReady(found, waiting);
  });
  const hopeless = pods.filter(isHopeless);
  if (hopeless.length > 0) throw notReady(pods, hopeless);
  return pods;
}

function isHopeless(pod: PodObject): boolean {
  return !isReady(pod) && HOPELESS.test(whyNotReady(pod));
}

function notReady(found: readonly PodObject[], waiting: readonly PodObject[]): Error {
  const reasons = waiting.map((pod) => `${pod.metadata.name}: ${whyNotReady(pod)}`);
  const missing = found.length > REPLICAS ? [] : [`only ${found.length} of ${REPLICAS + 1} pods exist`];
  return unexpected([...missing, ...reasons].join('; '));
}
