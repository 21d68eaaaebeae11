import { BlockList } from 'node:net';
import { compareVersions, isOlder } from '../../catalog/compare-versions.js';
import type { JudgeInput } from '../plan-input.js';
import type { Finding } from '../types.js';

export const networkRules = [refuseMinor, refuseKernel, refuseOverlap];

function refuseMinor({ network, kubernetes }: JudgeInput): Finding | undefined {
  const { min, max, reason } = network.kubernetes;
  const tooOld = isOlder(kubernetes.minor, min);
  const tooNew = max !== undefined && compareVersions(kubernetes.minor, max) > 0;
  if (!tooOld && !tooNew) return undefined;
  return {
    rule: 'network-not-for-this-kubernetes',
    verdict: 'refused',
    reason: `Network ${network.name} serves Kubernetes ${min} to ${max ?? 'the newest'}, not ${kubernetes.minor}: ${reason}`,
    hint: 'Choose another --network; `bake list networks` shows them.',
    source: network.source,
  };
}

function refuseKernel({ network, os }: JudgeInput): Finding | undefined {
  if (network.minKernel === undefined || !isOlder(os.facts.kernel, network.minKernel)) return undefined;
  return {
    rule: 'network-needs-newer-kernel',
    verdict: 'refused',
    reason: `Network ${network.name} needs kernel ${network.minKernel}; ${os.title} has ${os.facts.kernel}`,
    source: network.source,
  };
}

function refuseOverlap({ spec }: JudgeInput): Finding | undefined {
  if (!overlap(spec.podCidr, spec.serviceCidr)) return undefined;
  return {
    rule: 'pod-and-service-networks-overlap',
    verdict: 'refused',
    reason: `The pod network ${spec.podCidr} and the service network ${spec.serviceCidr} share addresses`,
    hint: 'Choose ranges that are apart, in kiln.yaml: podCidr, serviceCidr.',
    source: 'kube-proxy and the CNI would route the same addresses twice',
  };
}

/** Two CIDR ranges share addresses exactly when one holds the other's first address. */
function overlap(left: string, right: string): boolean {
  return holdsFirstAddress(left, right) || holdsFirstAddress(right, left);
}

function holdsFirstAddress(range: string, other: string): boolean {
  const [address = '', prefix = ''] = range.split('/');
  const block = new BlockList();
  block.addSubnet(address, Number(prefix));
  return block.check(other.split('/')[0] ?? '');
}
