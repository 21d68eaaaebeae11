/** What kiln runs machines of a local cluster on: QEMU, or user-mode Linux, which is quick and not the image's own kernel. */
export type LocalRig = 'qemu' | 'uml';

/** A cluster as its provider remembers it: `cluster.json` in the cluster's folder. Holds no secret. */
export interface Cluster {
  /** A DNS label; nodes find each other below `<name>.k8s`. */
  name: string;
  provider: 'local';
  rig: LocalRig;
  image: ClusterImage;
  etcd: EtcdLayout;
  network: LocalNetwork;
  /** ISO 8601, UTC. */
  created: string;
  nodes: ClusterNode[];
}

/** The image every node boots: the folder on this machine, and what proves it is still the same. */
export interface ClusterImage {
  folder: string;
  /** Of what it was baked from. */
  id: string;
  /** SHA-256 of its disk, 64 hex digits: two bakes of one id can differ. Clusters of before this was kept have none. */
  disk?: string;
}

/** `stacked`: on every master; `separate`: on nodes with the role etcd. `size`: members the cluster forms with. */
export interface EtcdLayout {
  placement: 'stacked' | 'separate';
  size: number;
}

export interface LocalNetwork {
  /** Network namespace of this cluster alone, below /run/netns. */
  namespace: string;
  /** Port on the host's 127.0.0.1 that reaches the API servers. */
  apiPort: number;
}

export interface ClusterNode {
  /** Unique in the cluster, e.g. `master-1`; the host name and, for a minion, the node's name in Kubernetes. */
  name: string;
  /** Names from catalog/roles.yaml, in its order. */
  roles: string[];
  /** IPv4, the same at every boot. */
  address: string;
  mac: string;
  memoryMiB: number;
  /** ISO 8601, UTC. */
  created: string;
  /** ISO 8601, UTC: when its machine first ran. Without it the node is only planned: its launch was cut short. */
  started?: string;
  /** The image it boots, where that is not the cluster's own. */
  image?: ClusterImage;
}
