import type { JudgeInput } from '../plan-input.js';
import type { Finding } from '../types.js';

export const imageRules = [warnNoClusterDns];

function warnNoClusterDns({ lock }: JudgeInput): Finding | undefined {
  if (lock.artifacts.some(({ name }) => name === 'image/coredns')) return undefined;
  return {
    rule: 'cluster-dns-not-baked',
    verdict: 'warn',
    reason:
      'Names of services do not resolve in the cluster: the lock has no image of CoreDNS, so none is baked',
    hint: "Pods reach services by address and by the variables Kubernetes gives them; a lock with image/coredns bakes it, or apply a DNS of your own at the kubelets' clusterDNS address.",
    source: 'the lock; the Debian archive has no CoreDNS',
  };
}
