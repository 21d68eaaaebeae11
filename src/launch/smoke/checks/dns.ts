import { type SmokeCheck, unexpected } from '../check.js';
import { eventually } from '../eventually.js';
import { NAMESPACE } from '../manifests.js';
import { inClient, readService } from '../read-cluster.js';
import { webService } from './service.js';

export const dnsCheck: SmokeCheck = {
  name: 'dns',
  title: 'a pod finds the service by name',
  limit: 900,
  needs: ['exec'],
  hint: 'kubectl get pods -n kube-system -l k8s-app=kube-dns; kubectl logs -n kube-system -l k8s-app=kube-dns.',
  async run(context) {
    const { kubectl } = context;
    const dns = await readService(kubectl, { name: 'kube-dns', namespace: 'kube-system' });
    if (dns === null)
      return { skipped: 'the cluster has no DNS of its own: no CoreDNS is baked into this image' };
    const { clusterIP } = (await webService(context)).spec;
    const resolver = await inClient(kubectl, ['cat', '/etc/resolv.conf']);
    const name = `web.${namespaceDomain(resolver)}`;
    await eventually(context, async () => {
      const answer = await inClient(kubectl, ['nslookup', '-type=a', name, dns.spec.clusterIP]);
      if (!hasAddress(answer, clusterIP))
        throw unexpected(`${name} is not ${clusterIP}: ${JSON.stringify(answer)}`);
    });
    return `${name} is ${clusterIP}`;
  },
};

/** `kiln-smoke.svc.cluster.local`, from the search list the kubelet wrote; the domain is the cluster's own choice. */
function namespaceDomain(resolver: string): string {
  const search = /^search (.*)$/m.exec(resolver)?.[1]?.split(/\s+/) ?? [];
  const domain = search.find((entry) => entry.startsWith(`${NAMESPACE}.svc.`));
  if (domain === undefined)
    throw unexpected(`the pod's resolv.conf does not search ${NAMESPACE}.svc: ${JSON.stringify(resolver)}`);
  return domain;
}

/** The first address nslookup prints is the server's own. */
function hasAddress(answer: string, address: string): boolean {
  const [, ...rest] = answer.split('Name:');
  return rest.some((part) => part.split(/\s+/).includes(address));
}
