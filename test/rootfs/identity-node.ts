import { createIdentity } from '../../src/identity/create-identity.js';
import { identityBundle } from '../../src/identity/identity-bundle.js';
import { planOf } from '../helpers/plans.js';
import { createNode, type Node } from './node.js';

/** The address kube-role found; other tests change it. */
export const ADDRESS = '10.0.2.15';

/** What the image has that the scripts of the identity read: units with their drop-ins, and the tables. */
const OF_THE_IMAGE = /^\/usr\/lib\/(systemd\/system|kiln)\//;

/** A node of cluster `demo` after kube-role, made of a real plan's files; without its identity. */
export function createRoleNode(roles: string): Node {
  const node = createNode();
  for (const file of planOf('debian12', { network: 'routed' }).files) {
    if ('content' in file && OF_THE_IMAGE.test(file.path)) node.write(file.path, file.content);
  }
  writeNodeEnv(node, { roles });
  for (const owner of [
    'kube-controller-manager',
    'kube-scheduler',
    'kube-addons',
    'kube-approver',
    'kubelet',
  ]) {
    const kubeconfig = `${owner}.kubeconfig`;
    node.write(`/run/kubernetes/${kubeconfig}`, node.read(`/usr/share/kiln/kubeconfig/${kubeconfig}`));
  }
  return node;
}

/** What kube-role writes. */
export function writeNodeEnv(
  node: Node,
  { roles, name = 'node-1', address = ADDRESS }: { roles: string; name?: string; address?: string },
): void {
  const lines = [
    'CLUSTER_NAME=demo',
    `NODE_ROLES="${roles}"`,
    `NODE_NAME=${name}`,
    `NODE_IP=${address}`,
    'NODE_INTERFACE=eth0',
    'KUBE_MASTERS=masters.demo.k8s',
    'KUBE_MINIONS=minions.demo.k8s',
    'KUBE_ETCD=etcd.demo.k8s',
  ];
  node.write('/run/kubernetes/node.env', lines.map((line) => `${line}\n`).join(''));
}

/** Puts the bundle `launch` makes for these roles below `folder`. */
export async function writeBundle(
  node: Node,
  folder: string,
  { roles, clusterEnv = {} }: { roles: string; clusterEnv?: Record<string, string> },
): Promise<void> {
  const files = identityBundle({
    identity: await createIdentity({ cluster: 'demo' }),
    roles: roles.split(' '),
    clusterEnv: { CLUSTER_NAME: 'demo', ...clusterEnv },
  });
  for (const [name, content] of Object.entries(files)) node.write(`${folder}/${name}`, content);
}

/** A channel in place of a real disk. Mounting needs one; here it copies the folder `/disk`. */
export function insertDisk(node: Node): void {
  node.program('blkid', '[ "$*" = "-L KILN-ID" ] && echo /dev/vdb');
  node.program('mount', 'cp -RP "$KILN_ROOT/disk/." "$4"');
  node.program('umount', 'find "$1" -mindepth 1 -delete');
  // Names are for kube-preflight; none resolves here, and it only says so.
  node.program('getent', 'exit 2');
}
