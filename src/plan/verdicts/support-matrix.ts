import { listKubernetes, loadKubernetes, loadNetwork, loadOs } from '../../catalog/load-catalog.js';
import { KilnError } from '../../errors.js';
import { resolveLock } from '../../lock/resolve-lock.js';
import { DEFAULTS } from '../../spec/defaults.js';
import type { Finding, Verdict } from '../types.js';
import { judge, worstVerdict } from './judge.js';

/** Kubernetes minor → verdict with reasons, for one OS with the given network. A minor without pins is refused. */
export function supportMatrix(
  osName: string,
  networkName: string = DEFAULTS.network,
): Record<string, { verdict: Verdict; findings: Finding[] }> {
  return Object.fromEntries(listKubernetes().map((minor) => [minor, judgePair(osName, minor, networkName)]));
}

function judgePair(
  osName: string,
  minor: string,
  networkName: string,
): { verdict: Verdict; findings: Finding[] } {
  const findings = findingsOf(osName, minor, networkName);
  return { verdict: worstVerdict(findings), findings };
}

function findingsOf(osName: string, minor: string, networkName: string): Finding[] {
  const kubernetes = loadKubernetes(minor);
  const { arch, podCidr, serviceCidr, clusterDomain } = DEFAULTS;
  const spec = {
    os: osName,
    kubernetes: kubernetes.version,
    network: networkName,
    arch,
    podCidr,
    serviceCidr,
    clusterDomain,
  };
  try {
    const lock = resolveLock(spec);
    return judge({ spec, lock, kubernetes, os: loadOs(osName), network: loadNetwork(networkName) });
  } catch (error) {
    if (!(error instanceof KilnError) || error.code !== 'PIN_MISSING') throw error;
    return [{ rule: 'pin-missing', verdict: 'refused', reason: error.message, source: 'catalog/pins' }];
  }
}
