import { compareVersions, isOlder, minorOf } from '../../catalog/compare-versions.js';
import type { JudgeInput } from '../plan-input.js';
import type { Finding } from '../types.js';

/** The oldest glibc that runs dynamic containerd 2.1 and newer: built on Ubuntu 22.04. */
const GLIBC_FOR_DYNAMIC_CONTAINERD = '2.34';

export const runtimeRules = [
  refuseCriMismatch,
  refuseContainerdTooOld,
  refuseDynamicContainerd,
  warnOldKernel,
  warnBeyondProven,
  warnOldRuncNeeded,
];

function refuseCriMismatch(input: JudgeInput): Finding | undefined {
  const version = containerd(input);
  const { max } = input.kubernetes.containerd;
  if (version === undefined || max === undefined || compareVersions(minorOf(version), max) <= 0)
    return undefined;
  return {
    rule: 'containerd-too-new',
    verdict: 'refused',
    reason: `containerd ${version} does not speak CRI ${input.kubernetes.cri}, all that Kubernetes ${input.kubernetes.minor} knows`,
    hint: `Use containerd ${input.kubernetes.containerd.min} to ${max}.`,
    source: 'containerd RELEASES.md, Kubernetes support table (2.x dropped CRI v1alpha2)',
  };
}

function refuseContainerdTooOld(input: JudgeInput): Finding | undefined {
  const version = containerd(input);
  const { min } = input.kubernetes.containerd;
  if (version === undefined || !isOlder(version, min)) return undefined;
  return {
    rule: 'containerd-too-old',
    verdict: 'refused',
    reason: `containerd ${version} is older than ${min}, the oldest that Kubernetes ${input.kubernetes.minor} works with`,
    source: 'containerd RELEASES.md, Kubernetes support table',
  };
}

function refuseDynamicContainerd({ os, lock }: JudgeInput): Finding | undefined {
  const dynamic = lock.artifacts.find(({ name }) => name === 'containerd');
  if (dynamic === undefined || isOlder(dynamic.version, '2.1')) return undefined;
  if (!isOlder(os.facts.glibc, GLIBC_FOR_DYNAMIC_CONTAINERD)) return undefined;
  return {
    rule: 'containerd-needs-newer-glibc',
    verdict: 'refused',
    reason: `containerd ${dynamic.version} (dynamic) needs glibc ${GLIBC_FOR_DYNAMIC_CONTAINERD}; ${os.title} has ${os.facts.glibc}`,
    hint: 'Lock the containerd-static artifact instead.',
    source:
      'containerd .github/workflows/release.yml at v2.1.0 (built on Ubuntu 22.04); kubesphere/kubekey#3244',
  };
}

function warnOldKernel({ os, kubernetes }: JudgeInput): Finding | undefined {
  if (isOlder(kubernetes.minor, '1.32') || !isOlder(os.facts.kernel, '4.19')) return undefined;
  return {
    rule: 'kernel-older-than-tested',
    verdict: 'warn',
    reason: `Kubernetes ${kubernetes.minor} is tested on kernel 4.19 and newer; ${os.title} has ${os.facts.kernel}`,
    source: 'kubernetes/system-validators v1.9, kubernetes/kubernetes#128149',
  };
}

function warnBeyondProven({ os, kubernetes }: JudgeInput): Finding | undefined {
  if (compareVersions(kubernetes.minor, os.kubernetes.default) <= 0) return undefined;
  return {
    rule: 'newer-than-proven',
    verdict: 'warn',
    reason: `Kubernetes ${os.kubernetes.default} is the newest known to run on ${os.title}; ${kubernetes.minor} is unproven there`,
    source: os.kubernetes.source,
  };
}

function warnOldRuncNeeded({ os, lock }: JudgeInput): Finding | undefined {
  const runc = lock.artifacts.find(({ name }) => name === 'runc');
  if (runc === undefined || !isOlder(os.facts.kernel, '4.18') || isOlder(runc.version, '1.2'))
    return undefined;
  return {
    rule: 'runc-untested-on-kernel',
    verdict: 'warn',
    reason: `runc ${runc.version} is not tested on kernel ${os.facts.kernel}; 1.1 was the last with CentOS 7 in its tests`,
    source: 'opencontainers/runc .cirrus.yml (centos-7 present to 1.1.12); runc#5007',
  };
}

function containerd({ lock }: JudgeInput): string | undefined {
  return lock.artifacts.find(({ name }) => name === 'containerd' || name === 'containerd-static')?.version;
}
