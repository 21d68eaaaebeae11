import { readFileSync } from 'node:fs';
import { dump, load } from 'js-yaml';
import { repositoryPath } from '../../repository.js';
import { clusterDns } from '../addresses.js';
import type { PlanInput } from '../plan-input.js';
import { proxyMode } from '../proxy-mode.js';

/** Keys a YAML base may have set, each with its value. */
const SETTERS: Record<string, (input: PlanInput) => unknown> = {
  clusterDNS: ({ spec }) => [clusterDns(spec.serviceCidr)],
  clusterDomain: ({ spec }) => spec.clusterDomain,
  resolvConf: ({ os }) => os.network.resolvConf,
  mode: proxyMode,
  clusterCIDR: ({ spec }) => spec.podCidr,
};

/** A base YAML file with the keys the plan knows set, and the minor's own configuration over both. */
export function yamlContent({
  source,
  sets,
  input,
}: {
  source: string;
  sets: readonly string[];
  input: PlanInput;
}): string {
  const base = load(readFileSync(repositoryPath(source), 'utf8')) as Record<string, unknown>;
  const own = Object.fromEntries(
    sets.filter((key) => key in SETTERS).map((key) => [key, SETTERS[key]?.(input)]),
  );
  return dump({ ...base, ...own, ...minorConfig(base.kind, input) }, { lineWidth: -1, noRefs: true });
}

function minorConfig(kind: unknown, { kubernetes, os }: PlanInput): Record<string, unknown> {
  if (kind === 'KubeProxyConfiguration') return kubernetes.kubeProxy.config;
  if (kind !== 'KubeletConfiguration') return {};
  const staysOnV1 = os.facts.cgroup === 'v1' && os.facts.cgroupV2Argument === undefined;
  return {
    ...kubernetes.kubelet.config,
    ...(kubernetes.kubelet.refusesCgroupV1 && staysOnV1 ? { failCgroupV1: false } : {}),
  };
}
