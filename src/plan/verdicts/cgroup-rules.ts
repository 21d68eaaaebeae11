import type { JudgeInput } from '../plan-input.js';
import type { Finding } from '../types.js';

export const cgroupRules = [refuseCgroupV1, mentionSwitchToV2];

function refuseCgroupV1({ os, kubernetes }: JudgeInput): Finding | undefined {
  if (os.facts.cgroup !== 'v1' || !kubernetes.kubelet.refusesCgroupV1) return undefined;
  if (os.facts.cgroupV2Argument !== undefined) return undefined;
  return {
    rule: 'kubelet-refuses-cgroup-v1',
    verdict: 'refused',
    reason: `kubelet ${kubernetes.minor} does not start on cgroup v1, and ${os.title} has no v2`,
    hint: 'Choose Kubernetes 1.34 or older, or another OS.',
    source: 'kubernetes/kubernetes#134298 (failCgroupV1 is true by default from 1.35), KEP-5573',
  };
}

function mentionSwitchToV2({ os, kubernetes }: JudgeInput): Finding | undefined {
  if (os.facts.cgroup !== 'v1' || !kubernetes.kubelet.refusesCgroupV1) return undefined;
  if (os.facts.cgroupV2Argument === undefined) return undefined;
  return {
    rule: 'cgroup-switched-to-v2',
    verdict: 'warn',
    reason: `${os.title} boots with cgroup v1; the image switches to v2 because kubelet ${kubernetes.minor} refuses v1`,
    source: 'kubernetes/kubernetes#134298; systemd.unified_cgroup_hierarchy=1, systemd(1)',
  };
}
