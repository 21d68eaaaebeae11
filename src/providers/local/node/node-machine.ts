import type { MachineDisk } from '../../../boot/rig.js';
import type { Gate } from '../../../gate/gate.js';
import type { Cluster, ClusterNode } from '../../../launch/types.js';
import type { nodeFiles } from '../names.js';

/** What a rig needs to start a node's machine. */
export interface NodeMachine {
  gate: Gate;
  cluster: Cluster;
  record: ClusterNode;
  files: ReturnType<typeof nodeFiles>;
  disks: readonly MachineDisk[];
  /** The network interface of the host's side that is the node's. */
  tap: string;
}
