import type { TestCluster } from './test-cluster.js';

/** Where each service of a node that is everything says that it is well. Source: kubernetes.io and etcd.io, see catalog/ports.yaml. */
const HEALTH = [
  ['http', 2381, '/health'],
  ['https', 10257, '/healthz'],
  ['https', 10259, '/healthz'],
  ['http', 10248, '/healthz'],
  ['http', 10256, '/healthz'],
] as const;

/** `port: status line` of each health endpoint, asked on the node itself as a load balancer or a monitor would. */
export async function healthAnswers(cluster: TestCluster, node: string): Promise<string[]> {
  const asks = HEALTH.map(([scheme, port, path]) => {
    const ask =
      scheme === 'https'
        ? `openssl s_client -quiet -connect 127.0.0.1:${port} 2> /dev/null`
        : `bash -c 'exec 3<>/dev/tcp/127.0.0.1/${port}; cat >&3; cat <&3'`;
    return `printf '${port}: '; printf 'GET ${path} HTTP/1.0\\r\\n\\r\\n' | timeout 60 ${ask} | head -n 1 | tr -d '\\r'`;
  });
  return (await cluster.onNode(node, asks.join('\n'))).trim().split('\n');
}

/** What `healthAnswers` gives when all is well. */
export const ALL_WELL = HEALTH.map(([, port]) => `${port}: HTTP/1.0 200 OK`);

/** Private keys that somebody but the service's own user (root where there is none) could use: mode, owner and path of each. */
export async function exposedKeys(cluster: TestCluster, node: string): Promise<string[]> {
  const script = `
find /etc/kubernetes/pki /var/lib/kubelet/pki -type f -exec grep -l 'PRIVATE KEY' {} + | while read -r file; do
  owner=$(basename "$(dirname "$file")")
  getent passwd "$owner" > /dev/null || owner=root
  said=$(stat --format='%a %U' "$file")
  [ "$said" = "600 $owner" ] || echo "$said $file"
done`;
  return (await cluster.onNode(node, script)).split('\n').filter((line) => line !== '');
}
