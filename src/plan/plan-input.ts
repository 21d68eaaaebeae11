import type { Components } from '../catalog/components.js';
import type { KubernetesMinor } from '../catalog/kubernetes.js';
import type { NodeCatalog } from '../catalog/load-node-catalog.js';
import type { Network } from '../catalog/network.js';
import type { OperatingSystem } from '../catalog/os.js';
import type { Role } from '../catalog/roles.js';
import type { Lock } from '../lock/lock.js';
import type { PlannedSpec } from './types.js';

/** What a rule of the support matrix may look at. */
export interface JudgeInput {
  spec: PlannedSpec;
  os: OperatingSystem;
  kubernetes: KubernetesMinor;
  network: Network;
  lock: Lock;
}

/** Everything a part of the plan may look at. Facts only: no clock, no environment, no file outside the repository. */
export interface PlanInput extends JudgeInput, NodeCatalog {
  roles: Record<string, Role>;
  components: Components['components'];
}
