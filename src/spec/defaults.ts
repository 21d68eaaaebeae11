/** What the original chose, and what its users' pod and service networks still are: kubeadm's defaults. */
export const DEFAULTS = {
  network: 'flannel',
  arch: 'amd64',
  podCidr: '10.244.0.0/16',
  serviceCidr: '10.96.0.0/12',
  clusterDomain: 'cluster.local',
  out: 'out',
} as const;
