/** The local provider: machines and network of a cluster on this machine, all of it detached from the program. */
export { destroyCluster } from './destroy-cluster.js';
export { folderElsewhere, listLeftovers } from './leftovers.js';
export { loginVendorData, makeSshKey } from './login.js';
export { clusterFolder, namespaceFile, namespaceName, nodeFolder } from './names.js';
export { ensureNetwork, isServingApi } from './network/ensure-network.js';
export { publishNodes } from './network/publish-nodes.js';
export { commandInNode, serialSocket } from './node/enter-node.js';
export { defaultMemory, freeApiPort, isFreePort, nextAddress, nextMac } from './node/node-defaults.js';
export { nodeStatus } from './node/node-status.js';
export { startNode } from './node/start-node.js';
export { killNode, removeNode, stopNode } from './node/stop-node.js';
export type { Destroyed, InCluster, InNode, NodeStatus, StartNode } from './types.js';
