import { createNode, type Node } from './node.js';

export const ENVIRONMENT = '/run/kubernetes/node.env';

/** A node on which nothing is wrong. */
export function soundNode(roles: string): Node {
  const node = createNode();
  node.write(ENVIRONMENT, `NODE_ROLES="${roles}"\nKUBE_MASTERS=masters.demo.k8s\nKUBE_NAMESERVER=10.0.2.3\n`);
  node.write('/usr/lib/kiln/kubernetes.env', 'POD_CIDR=10.244.0.0/16\nSERVICE_CIDR=10.96.0.0/12\n');
  node.write(
    '/usr/lib/kiln/ports',
    `# port protocol address unit
6443 tcp 0.0.0.0 kube-apiserver.service
2379 tcp 0.0.0.0 etcd.service
2381 tcp 127.0.0.1 etcd.service
10250 tcp 0.0.0.0 kubelet.service
`,
  );
  node.write('/etc/modules-load.d/kiln.conf', '# Made by kiln.\nbr_netfilter\noverlay\n');
  node.write('/sys/module/br_netfilter/refcnt', '0');
  node.write('/sys/module/overlay/refcnt', '0');
  node.write('/proc/swaps', 'Filename Type Size Used Priority\n');
  node.write('/routes', 'default via 10.0.2.2 dev eth0\n10.0.2.0/24 dev eth0 scope link\n');
  node.program('ip', 'cat "$KILN_ROOT/routes"');
  node.program('ss', 'exit 0');
  node.program('modprobe', 'exit 1');
  node.program('mount', 'exit 0');
  node.program('umount', 'exit 0');
  node.program('systemctl', 'exit 3');
  return node;
}

/** Runs the preflight of that stage. */
export function preflight(node: Node, stage: string, env: Record<string, string> = {}) {
  const own = { KILN_SYS: `${node.root}/sys`, KILN_PROC: `${node.root}/proc` };
  return node.run('kube-preflight', { args: [stage], env: { ...own, ...env } });
}
