import { compareText } from './canonical-json.js';
import type { PlanInput } from './plan-input.js';
import { proxyMode } from './proxy-mode.js';

/** What only some images need; everything else a catalog OS answers is installed. */
const CONDITIONAL_NEEDS = new Set(['ipset', 'ipvsadm', 'iptables', 'nft', 'boot']);

/**
 * Distribution packages of this image by name, sorted. `boot` is left out: kernel and bootloader come with a base disk,
 * and the mkosi engine adds them itself from the same catalog entry.
 */
export function packages(input: PlanInput): string[] {
  const wanted = conditionalNeeds(input);
  const names = Object.entries(input.os.packages)
    .filter(([need]) => !CONDITIONAL_NEEDS.has(need) || wanted.has(need))
    .flatMap(([, packageNames]) => packageNames)
    .map((name) => name.replaceAll('{arch}', input.spec.arch));
  return [...new Set(names)].sort(compareText);
}

/** Packages that must not be there, sorted. */
export function removedPackages({ os }: PlanInput): string[] {
  return os.removedPackages.toSorted(compareText);
}

/** kube-proxy, CNI's portmap and the network's agent share one packet filter. */
function conditionalNeeds(input: PlanInput): Set<string> {
  const filter = proxyMode(input) === 'nftables' ? ['nft'] : ['iptables'];
  const proxy = proxyMode(input) === 'ipvs' ? ['ipset', 'ipvsadm'] : [];
  return new Set([...filter, ...proxy, ...input.network.needs]);
}
