import type { JudgeInput } from '../plan-input.js';
import type { Finding } from '../types.js';

/**
 * The day the catalog's lifetimes were read; ends before it are over. A constant and not the clock, so that a plan made
 * tomorrow is the same plan.
 */
const CATALOG_DATE = '2026-11-21';

export const lifetimeRules = [warnOsEnded, warnKubernetesEnded, refuseArch];

function warnOsEnded({ os }: JudgeInput): Finding | undefined {
  const ends = os.endOfLife.extended ?? os.endOfLife.regular;
  if (ends >= CATALOG_DATE) return undefined;
  return {
    rule: 'os-out-of-support',
    verdict: 'warn',
    reason: `${os.title} gets no security fixes since ${ends}`,
    hint: 'Use it to replace what runs already; choose a supported OS for anything new.',
    source: os.endOfLife.source,
  };
}

function warnKubernetesEnded({ kubernetes }: JudgeInput): Finding | undefined {
  if (kubernetes.endOfLife >= CATALOG_DATE) return undefined;
  return {
    rule: 'kubernetes-out-of-support',
    verdict: 'warn',
    reason: `Kubernetes ${kubernetes.minor} gets no fixes since ${kubernetes.endOfLife}`,
    source: kubernetes.source,
  };
}

function refuseArch({ os, spec }: JudgeInput): Finding | undefined {
  if (os.arches.includes(spec.arch)) return undefined;
  return {
    rule: 'arch-not-offered',
    verdict: 'refused',
    reason: `${os.title} is not there for ${spec.arch}; it has ${os.arches.join(', ')}`,
    source: os.distribution.id,
  };
}
