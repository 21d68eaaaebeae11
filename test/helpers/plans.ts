import { loadKubernetes, loadOs } from '../../src/catalog/load-catalog.js';
import { resolveLock } from '../../src/lock/resolve-lock.js';
import { createPlan } from '../../src/plan/plan.js';
import type { Plan, PlannedSpec } from '../../src/plan/types.js';
import { DEFAULTS } from '../../src/spec/defaults.js';

/** The plan of an OS with kiln's defaults, other choices given. */
export function planOf(os: string, changes: Partial<PlannedSpec> = {}): Plan {
  const spec = specOf(os, changes);
  return createPlan(spec, resolveLock(spec));
}

export function specOf(os: string, changes: Partial<PlannedSpec> = {}): PlannedSpec {
  const { network, arch, podCidr, serviceCidr, clusterDomain } = DEFAULTS;
  const kubernetes = loadKubernetes(loadOs(os).kubernetes.default).version;
  return { os, kubernetes, network, arch, podCidr, serviceCidr, clusterDomain, ...changes };
}
