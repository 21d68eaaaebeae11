/** Where and how a cluster's nodes run on AWS: flags over `aws:` in `kiln.yaml` over defaults, all of it checked. */
export interface AwsSettings {
  region: string;
  /** Nodes are spread over them, in this order. */
  subnets: string[];
  securityGroups: string[];
  /** By name; `undefined`: nodes have no rights in the account. */
  instanceProfile: string | undefined;
  /** In the order to be tried when one has no capacity. */
  instanceTypes: string[];
  volumeSizeGiB: number;
  kmsKeyId: string | undefined;
  adminCidrs: string[];
}

/** A cluster as AWS knows it, by its tags alone: kiln keeps no state of its own about it. */
export interface AwsCluster {
  name: string;
  region: string;
  /** Its number, as the things themselves say; `undefined` where there are none, or none that says. */
  account?: string | undefined;
  /** Those AWS still remembers, terminated ones for about an hour among them. */
  instances: AwsInstance[];
  groups: AwsGroup[];
  templates: AwsTemplate[];
  /** Tagged with the cluster and not (or no longer) part of an instance that is there. */
  volumes: { id: string; state: string }[];
  networkInterfaces: { id: string; state: string }[];
}

export interface AwsInstance {
  id: string;
  /** Its Name tag: `demo-master-2`; members of one Auto Scaling group share theirs. */
  name: string;
  roles: string[];
  state: 'pending' | 'running' | 'shutting-down' | 'terminated' | 'stopping' | 'stopped';
  /** Why it is in that state, where AWS says so: `Server.InsufficientInstanceCapacity: …`. */
  stateReason: string | undefined;
  type: string;
  subnet: string | undefined;
  zone: string | undefined;
  address: string | undefined;
  publicAddress: string | undefined;
  imageId: string;
  /** ISO 8601, UTC. */
  launched: string;
  /** Name of its Auto Scaling group. */
  group: string | undefined;
}

export interface AwsGroup {
  name: string;
  roles: string[];
  min: number;
  max: number;
  desired: number;
  template: { id: string; version: string } | undefined;
  subnets: string[];
  /** Set while it is being deleted. */
  status: string | undefined;
  instances: { id: string; lifecycle: string; health: string }[];
}

export interface AwsTemplate {
  id: string;
  name: string;
  roles: string[];
  latestVersion: number;
}
