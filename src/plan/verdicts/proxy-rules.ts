import { isOlder, minorOf } from '../../catalog/compare-versions.js';
import type { JudgeInput } from '../plan-input.js';
import { proxyMode } from '../proxy-mode.js';
import type { Finding } from '../types.js';

/** First patch of each minor whose nftables proxy works with nft 1.1.3; older minors never got the fix. */
const FIXED_FOR_NFT_1_1_3: Record<string, string> = { '1.33': '1.33.11', '1.34': '1.34.7', '1.35': '1.35.4' };

export const proxyRules = [refuseMissingMode, refuseOldKernelForNftables, refuseBrokenNft];

function refuseMissingMode(input: JudgeInput): Finding | undefined {
  const mode = proxyMode(input);
  if (input.network.replacesKubeProxy || input.kubernetes.kubeProxy.modes.includes(mode)) return undefined;
  return {
    rule: 'no-usable-proxy-mode',
    verdict: 'refused',
    reason: `${input.os.title} has no iptables kernel modules, and kube-proxy ${input.kubernetes.minor} has no ${mode} mode`,
    hint: 'Choose Kubernetes 1.31 or newer, or an OS with iptables.',
    source: 'kubernetes/kops ForceNftables for EL10; kubernetes/kubernetes#124383 (nftables beta in 1.31)',
  };
}

function refuseOldKernelForNftables(input: JudgeInput): Finding | undefined {
  if (proxyMode(input) !== 'nftables' || !isOlder(input.os.facts.kernel, '5.13')) return undefined;
  return {
    rule: 'nftables-proxy-needs-kernel',
    verdict: 'refused',
    reason: `kube-proxy's nftables mode needs kernel 5.13; ${input.os.title} has ${input.os.facts.kernel}`,
    source: 'kubernetes/kubernetes#124152',
  };
}

function refuseBrokenNft(input: JudgeInput): Finding | undefined {
  const { os, spec } = input;
  if (proxyMode(input) !== 'nftables' || os.facts.nft !== '1.1.3' || !isOlder(spec.kubernetes, '1.36.0'))
    return undefined;
  const fixed = FIXED_FOR_NFT_1_1_3[minorOf(spec.kubernetes)];
  if (fixed !== undefined && !isOlder(spec.kubernetes, fixed)) return undefined;
  return {
    rule: 'nft-1.1.3-breaks-proxy',
    verdict: 'refused',
    reason: `nft ${os.facts.nft} of ${os.title} breaks the nftables proxy of Kubernetes ${spec.kubernetes}`,
    hint: `Choose ${fixed ?? '1.36'} or newer.`,
    source: 'kubernetes/kubernetes#137501; cherry-picks #137807, #137808, #137809',
  };
}
