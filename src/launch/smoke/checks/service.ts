import { type SmokeCheck, type SmokeContext, unexpected } from '../check.js';
import { eventually } from '../eventually.js';
import { BUSYBOX, NAMESPACE, SERVICE_PORT } from '../manifests.js';
import type { ServiceObject } from '../objects.js';
import { fetchWords, inClient, readPods, readService } from '../read-cluster.js';

/** Of two pods chosen by chance, one is missed by all of them once in half a million. */
const REQUESTS = 20;

export const serviceCheck: SmokeCheck = {
  name: 'service',
  title: 'every pod answers through the service’s address',
  limit: 600,
  needs: ['exec'],
  hint: 'On the client’s node: journalctl -b -u kube-proxy.service; kubectl get endpointslices -n kiln-smoke.',
  async run(context) {
    const { clusterIP } = (await webService(context)).spec;
    const answered = await answersOfAll(context, `http://${clusterIP}:${SERVICE_PORT}/`);
    return `${clusterIP} answered as ${answered.join(', ')}`;
  },
};

export async function webService({ kubectl }: Pick<SmokeContext, 'kubectl'>): Promise<ServiceObject> {
  const service = await readService(kubectl, { name: 'web', namespace: NAMESPACE });
  if (service === null) throw unexpected('the service web is gone');
  return service;
}

/** Asks the URL until each pod behind it has answered, and nothing else has. */
export async function answersOfAll(context: SmokeContext, url: string): Promise<string[]> {
  const request = [BUSYBOX, ...fetchWords(url)].join(' ');
  const script = `i=0; while [ $i -lt ${REQUESTS} ]; do ${request} || exit 1; i=$((i + 1)); done`;
  return await eventually(context, async () => {
    const pods = (await readPods(context.kubectl, 'web')).map(({ metadata }) => metadata.name).sort();
    const lines = (await inClient(context.kubectl, ['sh', '-c', script])).split('\n').filter(Boolean);
    const answered = [...new Set(lines)].sort();
    if (answered.join() === pods.join()) return answered;
    throw unexpected(
      `behind ${url} are ${pods.join(', ')}; it answered as ${answered.join(', ') || 'nobody'}`,
    );
  });
}
