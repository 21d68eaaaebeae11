import path from 'node:path';
import { clusterFolder } from '../providers/local/names.js';

/** What a cluster's folder holds besides what its provider keeps there. */
export function clusterFiles(name: string) {
  const folder = clusterFolder(name);
  return {
    folder,
    cluster: path.join(folder, 'cluster.json'),
    /** The cluster's secrets, 0700. */
    identity: path.join(folder, 'identity'),
    /** The administrator's, 0600. */
    kubeconfig: path.join(folder, 'kubeconfig'),
  };
}
