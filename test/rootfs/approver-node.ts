import { certificateRequest } from './certificate-request.js';
import { createNode, type Node, type Result } from './node.js';

export const SIGNER = 'kubernetes.io/kubelet-serving';
export const JOINING = 'kubernetes.io/kube-apiserver-client-kubelet';
export const USAGES = ['digital signature', 'key encipherment', 'server auth'];
export const RIGHT = certificateRequest({
  commonName: 'system:node:node-1',
  names: 'DNS:node-1,IP:10.0.2.15',
});

export interface Request {
  request: string;
  user?: string;
  groups?: string[];
  usages?: string[];
  signer?: string;
  decision?: string;
}

/** A new node's request for its first certificate. */
export function joining(overrides: Partial<Request> = {}): Request {
  return {
    request: certificateRequest({ commonName: 'system:node:node-3', names: '' }),
    user: 'system:bootstrap:abcdef',
    groups: ['system:bootstrappers', 'system:authenticated'],
    usages: ['digital signature', 'key encipherment', 'client auth'],
    signer: JOINING,
    ...overrides,
  };
}

export function request(names: string): string {
  return certificateRequest({ commonName: 'system:node:node-1', names });
}

export function twoBlocks(...commonNames: string[]): string {
  const blocks = commonNames.map((commonName) =>
    Buffer.from(certificateRequest({ commonName, names: '' }), 'base64').toString(),
  );
  return Buffer.from(blocks.join('')).toString('base64');
}

/** A master whose API knows two nodes and these requests. What kubectl prints is what its templates make of them. */
export function api(requests: Record<string, Request>): Node {
  const node = createNode();
  node.write('/watch', '');
  node.write('/approved', '');
  node.write('/nodes', 'node-1 "10.0.2.15"\nnode-1 "node-1"\nnode-2 "10.0.2.16"\nnode-2 "node-2"\n');
  node.program('getent', 'printf "10.0.2.15 STREAM x\\n10.0.2.16 STREAM x\\n"');
  for (const [name, entry] of Object.entries(requests)) {
    const { user = 'system:node:node-1', signer = SIGNER, decision = '' } = entry;
    const { groups = ['system:nodes', 'system:authenticated'], usages = USAGES } = entry;
    const lines = [quoted(signer), quoted(user), list(groups), list(usages), entry.request, decision];
    node.write(`/requests/${name}`, lines.map((line) => `${line}\n`).join(''));
    node.write('/watch', `${node.read('/watch')}${name} ${signer} ${decision}\n`);
  }
  node.program(
    'openssl',
    `PATH=\${PATH#*:}
[ "$1" = s_client ] || exec openssl "$@"
[ ! -e "$KILN_ROOT/down" ] || { cat "$KILN_ROOT/down" >&2; exit 1; }
read -r method path version
name=\${path##*/}
case $path in
/apis/certificates.k8s.io/v1/certificatesigningrequests\\?limit=1)
  if [ -e "$KILN_ROOT/forbidden" ]; then echo "HTTP/1.0 403 Forbidden"; else echo "HTTP/1.0 200 OK"; fi ;;
/api/v1/nodes/*)
  if [ -e "$KILN_ROOT/nodes-unknown" ]; then cat "$KILN_ROOT/nodes-unknown"
  elif grep -q "^$name " "$KILN_ROOT/nodes"; then printf 'HTTP/1.0 200 OK\\r\\n\\r\\n{"kind":"Node"}'
  else printf 'HTTP/1.0 404 Not Found\\r\\n\\r\\n{"kind":"Status","reason":"NotFound","details":{"name":"%s","kind":"nodes"},"code":404}' "$name"; fi
  [ ! -e "$KILN_ROOT/deleted-later" ] || : > "$KILN_ROOT/nodes" ;;
*) echo "unexpected: $path" >&2; exit 99 ;;
esac`,
  );
  node.program(
    'kubectl',
    `echo "$*" >> "$KILN_ROOT/calls"
for word; do
  case $before in certificatesigningrequest | approve) name=$word ;; esac
  before=$word
done
case "$*" in
*" get certificatesigningrequests --watch "*) cat "$KILN_ROOT/watch"; sleep "$WATCH_SECONDS"; [ ! -e "$KILN_ROOT/breaks" ] || exit 1 ;;
*" get certificatesigningrequest "*" --output=jsonpath="*) cat "$KILN_ROOT/decided-meanwhile" 2> /dev/null ;;
*" get certificatesigningrequest "*) cat "$KILN_ROOT/requests/$name" ;;
*" get nodes "*) cat "$KILN_ROOT/nodes"; [ ! -e "$KILN_ROOT/nodes-later" ] || mv "$KILN_ROOT/nodes-later" "$KILN_ROOT/nodes" ;;
*" certificate approve "*) if [ -e "$KILN_ROOT/approval-fails" ]; then rm "$KILN_ROOT/approval-fails"; exit 1; fi; echo "$name" >> "$KILN_ROOT/approved" ;;
*) echo "unexpected: kubectl $*" >&2; exit 99 ;;
esac`,
  );
  return node;
}

export function approve(
  node: Node,
  { seconds = 0, wait = '0' }: { seconds?: number; wait?: string } = {},
): Result {
  return node.run('kube-approver', {
    env: {
      CLUSTER_NAME: 'demo',
      KUBE_MASTERS: 'masters.demo.k8s',
      KUBE_MINIONS: 'minions.demo.k8s',
      KUBE_ETCD: 'etcd.demo.k8s',
      KILN_APPROVER_ONCE: '1',
      KILN_APPROVER_AGAIN: '1',
      KILN_API_WAIT: wait,
      WATCH_SECONDS: String(seconds),
    },
  });
}

export function approved(node: Node): string[] {
  return node.read('/approved').split('\n').filter(Boolean);
}

/** Go's %q, for what stands in these requests. */
function quoted(text: string): string {
  return JSON.stringify(text);
}

function list(words: string[]): string {
  return words.map((word) => `${quoted(word)} `).join('');
}
