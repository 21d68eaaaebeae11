import { kernelModules, sysctls } from './files/kernel-files.js';
import type { PlanInput } from './plan-input.js';
import type { ExpectedFacts } from './types.js';

/** What a boot test asserts on the running node. */
export function expectedFacts(input: PlanInput): ExpectedFacts {
  const { os, kubernetes } = input;
  const switched = kubernetes.kubelet.refusesCgroupV1 && os.facts.cgroupV2Argument !== undefined;
  return {
    sysctls: sysctls(input),
    modules: kernelModules(input),
    cgroup: switched ? 'v2' : os.facts.cgroup,
    selinux: os.security.selinux,
  };
}
