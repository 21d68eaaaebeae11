import type { PlanInput } from './plan-input.js';

export type ProxyMode = 'iptables' | 'ipvs' | 'nftables';

/** kube-proxy's mode: iptables wherever the kernel has its modules, nftables where it has not (EL10). */
export function proxyMode({ os }: Pick<PlanInput, 'os'>): ProxyMode {
  return os.facts.iptablesBackend === 'none' ? 'nftables' : 'iptables';
}
