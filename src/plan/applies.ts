import { compareVersions, isOlder } from '../catalog/compare-versions.js';
import type { When } from '../catalog/node.js';
import type { PlanInput } from './plan-input.js';

/** Whether every condition given holds for this image. */
export function applies(when: When | undefined, { os, kubernetes, network }: PlanInput): boolean {
  if (when === undefined) return true;
  const checks = [
    when.os === undefined || when.os.includes(os.name),
    when.notOs === undefined || !when.notOs.includes(os.name),
    when.family === undefined || when.family === os.family,
    when.networkManager === undefined || when.networkManager.includes(os.network.manager),
    when.minSystemd === undefined || os.facts.systemd >= when.minSystemd,
    when.maxSystemd === undefined || os.facts.systemd <= when.maxSystemd,
    when.containerdConfig === undefined || when.containerdConfig === kubernetes.containerd.configVersion,
    when.minKubernetes === undefined || !isOlder(kubernetes.minor, when.minKubernetes),
    when.maxKubernetes === undefined || compareVersions(kubernetes.minor, when.maxKubernetes) <= 0,
    when.network === undefined || when.network.includes(network.name),
  ];
  return checks.every(Boolean);
}
