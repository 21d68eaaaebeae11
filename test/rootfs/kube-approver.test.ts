import { readFileSync } from 'node:fs';
import test from 'ava';
import { loadAll } from 'js-yaml';
import { repositoryPath } from '../../src/repository.js';
import { certificateRequest, forged, twoFacedRequest } from './certificate-request.js';
import { createNode, type Node, type Result } from './node.js';

const SIGNER = 'kubernetes.io/kubelet-serving';
const USAGES = ['digital signature', 'key encipherment', 'server auth'];
const RIGHT = certificateRequest({ commonName: 'system:node:node-1', names: 'DNS:node-1,IP:10.0.2.15' });

interface Request {
  request: string;
  user?: string;
  groups?: string[];
  usages?: string[];
  signer?: string;
  decision?: string;
}

test.serial('a request for the own name and address is approved', (t) => {
  const node = api({ right: { request: RIGHT } });
  const { status, stdout, stderr } = approve(node);
  t.deepEqual({ status, stderr }, { status: 0, stderr: '' });
  t.is(stdout, 'kiln: certificate request right approved: node node-1 serves as DNS:node-1 IP:10.0.2.15\n');
  t.deepEqual(approved(node), ['right']);
});

test.serial('so is one of a newer kubelet, which does not ask for key encipherment', (t) => {
  const node = api({ newer: { request: RIGHT, usages: ['digital signature', 'server auth'] } });
  approve(node);
  t.deepEqual(approved(node), ['newer']);
});

test.serial('what is decided is not looked at again', (t) => {
  const node = api({ done: { request: RIGHT, decision: 'Approved' } });
  t.is(approve(node).stdout, '');
  t.deepEqual(approved(node), []);
});

const wrong: Record<string, { request: Request; why: RegExp }> = {
  'another node’s name': {
    request: {
      request: certificateRequest({ commonName: 'system:node:node-2', names: 'DNS:node-2,IP:10.0.2.16' }),
    },
    why: /node node-1 asks for it, but it is for "CN=system:node:node-2,O=system:nodes"/,
  },
  'a DNS name of another node': {
    request: { request: request('DNS:node-1,DNS:node-2,IP:10.0.2.15') },
    why: /it is for DNS:node-2 , which node node-1 is not called/,
  },
  'a DNS name that only looks like the own one': {
    request: { request: request('DNS:node-1.example,IP:10.0.2.15') },
    why: /it is for DNS:node-1\.example , which/,
  },
  'an address of another node': {
    request: { request: request('DNS:node-1,IP:10.0.2.15,IP:10.0.2.16') },
    why: /it is for the address 10\.0\.2\.16, which node node-1 does not have/,
  },
  'an IPv6 address': {
    request: { request: request('DNS:node-1,IP:10.0.2.15,IP:fd00::1') },
    why: /it is for IP:FD00:.*, which node node-1 is not called/,
  },
  'a URI and an e-mail address': {
    request: { request: request('DNS:node-1,IP:10.0.2.15,URI:spiffe://x,email:a@b') },
    why: /it is for URI:spiffe:\/\/x email:a@b , which/,
  },
  'no address': { request: { request: request('DNS:node-1') }, why: /it is for no address of node node-1/ },
  'no name': { request: { request: request('IP:10.0.2.15') }, why: /it is not for the name of node node-1/ },
  'neither names nor addresses': { request: { request: request('') }, why: /it must hold one list of names/ },
  'another organization': {
    request: {
      request: certificateRequest({
        commonName: 'system:node:node-1',
        organization: 'system:masters',
        names: 'DNS:node-1,IP:10.0.2.15',
      }),
    },
    why: /but it is for "CN=system:node:node-1,O=system:masters"/,
  },
  'a person who is no node': {
    request: { request: RIGHT, user: 'alice' },
    why: /"alice" asks for it, who is no node/,
  },
  'a name with a line of its own in it': {
    request: { request: RIGHT, user: 'x\nsystem:node:node-1' },
    why: /"x\\nsystem:node:node-1" asks for it, who is no node/,
  },
  'someone outside the group of nodes': {
    request: { request: RIGHT, groups: ['system:authenticated'] },
    why: /who is not in the group system:nodes/,
  },
  'a group that only reads like it': {
    request: { request: RIGHT, groups: ['x" "system:nodes', 'x system:nodes x'] },
    why: /who is not in the group system:nodes/,
  },
  'another use': {
    request: { request: RIGHT, usages: ['digital signature', 'client auth'] },
    why: /it is to be used for "digital signature" "client auth"/,
  },
  'another use beside the right ones': {
    request: { request: RIGHT, usages: [...USAGES, 'client auth'] },
    why: /it is to be used for/,
  },
  'another signer': {
    request: { request: RIGHT, signer: 'kubernetes.io/kube-apiserver-client' },
    why: /it is for the signer "kubernetes\.io\/kube-apiserver-client"/,
  },
  'a signature that is not of its key': {
    request: { request: forged(RIGHT) },
    why: /its signature is wrong/,
  },
  'no request at all': { request: { request: 'bm9uZQ==' }, why: /what it holds is no certificate request/ },
};

for (const [what, { request: asked, why }] of Object.entries(wrong)) {
  test.serial(`left pending, with the reason: ${what}`, (t) => {
    const node = api({ wrong: asked });
    const { stdout } = approve(node);
    t.regex(stdout, /^kiln: certificate request wrong stays pending: /);
    t.regex(stdout, why);
    t.deepEqual(approved(node), []);
  });
}

test.serial(
  'left pending: two lists of names, which openssl and the signer could read differently',
  async (t) => {
    const request = await twoFacedRequest({
      commonName: 'system:node:node-1',
      first: 'node-1',
      second: 'masters.demo.k8s',
    });
    const node = api({ twice: { request } });
    t.regex(approve(node).stdout, /stays pending: it must hold one list of names/);
    t.deepEqual(approved(node), []);
  },
);

test.serial(
  'one address for two nodes, or an address DNS does not know: told once, and looked at again',
  (t) => {
    const twice = api({ twice: { request: RIGHT } });
    twice.write('/nodes', `${twice.read('/nodes')}old-node "10.0.2.15"\n`);
    t.is(
      approve(twice, { seconds: 3 }).stdout,
      'kiln: certificate request twice has to wait: the node old-node has the address 10.0.2.15 too; if it is gone for good: kubectl delete node old-node\n',
    );
    const unknown = api({ unknown: { request: RIGHT } });
    unknown.program('getent', 'echo "10.0.2.16 STREAM x"');
    t.is(
      approve(unknown, { seconds: 3 }).stdout,
      'kiln: certificate request unknown has to wait: the address 10.0.2.15 is not in DNS as minions.demo.k8s\n',
    );
    t.deepEqual([...approved(twice), ...approved(unknown)], []);
  },
);

test.serial('a node that has only just joined is approved as soon as the cluster knows it', (t) => {
  const node = api({ early: { request: RIGHT } });
  node.write('/nodes-later', node.read('/nodes'));
  node.write('/nodes', '');
  const { stdout } = approve(node, { seconds: 4 });
  t.deepEqual(stdout.split('\n'), [
    'kiln: certificate request early has to wait: the cluster has no node node-1, or does not know its addresses',
    'kiln: certificate request early approved: node node-1 serves as DNS:node-1 IP:10.0.2.15',
    '',
  ]);
});

test.serial('one bad request does not keep the others waiting', (t) => {
  const node = api({ bad: { request: 'bm9uZQ==' }, good: { request: RIGHT } });
  approve(node);
  t.deepEqual(approved(node), ['good']);
});

test.serial('a watch that breaks off is told, and what came before it still judged', (t) => {
  const node = api({ right: { request: RIGHT } });
  node.write('/breaks', '');
  const { status, stderr } = approve(node);
  t.is(status, 0);
  t.is(stderr, 'kiln: the watch of certificate requests broke off; it is taken up again\n');
  t.deepEqual(approved(node), ['right']);
});

test.serial('without the API: a bounded wait that says what it waits for, then a failure', (t) => {
  const node = api({});
  node.write('/down', 'The connection to the server 127.0.0.1:6443 was refused\n');
  const { status, stdout, stderr } = approve(node, { wait: '1' });
  t.is(status, 1);
  t.is(
    stdout,
    'kiln: waiting up to 1 s for the API server, and for the permissions kube-addons creates in it\n',
  );
  t.regex(
    stderr,
    /127\.0\.0\.1:6443 was refused[\s\S]*FAILED: the certificate requests of kubelets cannot be read/,
  );
});

test('the approver may do what it does, and nothing more', (t) => {
  const [role] = documents('20-approver.yaml');
  t.deepEqual(role, {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    metadata: { name: 'kiln:approver' },
    rules: [
      {
        apiGroups: ['certificates.k8s.io'],
        resources: ['certificatesigningrequests'],
        verbs: ['get', 'list', 'watch'],
      },
      {
        apiGroups: ['certificates.k8s.io'],
        resources: ['certificatesigningrequests/approval'],
        verbs: ['update'],
      },
      {
        apiGroups: ['certificates.k8s.io'],
        resources: ['signers'],
        resourceNames: [SIGNER],
        verbs: ['approve'],
      },
      { apiGroups: [''], resources: ['nodes'], verbs: ['get', 'list'] },
    ],
  });
});

function request(names: string): string {
  return certificateRequest({ commonName: 'system:node:node-1', names });
}

/** A master whose API knows two nodes and these requests. What kubectl prints is what its templates make of them. */
function api(requests: Record<string, Request>): Node {
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
    node.write('/watch', `${node.read('/watch')}${name} ${decision}\n`);
  }
  node.program(
    'kubectl',
    `for word; do
  case $before in certificatesigningrequest | approve) name=$word ;; esac
  before=$word
done
case "$*" in
*" get certificatesigningrequests "*" --output=name") [ ! -e "$KILN_ROOT/down" ] || { cat "$KILN_ROOT/down" >&2; exit 1; } ;;
*" get certificatesigningrequests --watch "*) cat "$KILN_ROOT/watch"; sleep "$WATCH_SECONDS"; [ ! -e "$KILN_ROOT/breaks" ] || exit 1 ;;
*" get certificatesigningrequest "*) cat "$KILN_ROOT/requests/$name" ;;
*" get nodes "*) cat "$KILN_ROOT/nodes"; [ ! -e "$KILN_ROOT/nodes-later" ] || mv "$KILN_ROOT/nodes-later" "$KILN_ROOT/nodes" ;;
*" certificate approve "*) echo "$name" >> "$KILN_ROOT/approved" ;;
*) echo "unexpected: kubectl $*" >&2; exit 99 ;;
esac`,
  );
  return node;
}

function approve(node: Node, { seconds = 0, wait = '0' }: { seconds?: number; wait?: string } = {}): Result {
  return node.run('kube-approver', {
    env: {
      KUBE_MINIONS: 'minions.demo.k8s',
      KILN_APPROVER_ONCE: '1',
      KILN_APPROVER_AGAIN: '1',
      KILN_API_WAIT: wait,
      WATCH_SECONDS: String(seconds),
    },
  });
}

function approved(node: Node): string[] {
  return node.read('/approved').split('\n').filter(Boolean);
}

/** Go's %q, for what stands in these requests. */
function quoted(text: string): string {
  return JSON.stringify(text);
}

function list(words: string[]): string {
  return words.map((word) => `${quoted(word)} `).join('');
}

function documents(addon: string): unknown[] {
  return loadAll(readFileSync(repositoryPath('rootfs/usr/share/kiln/addons', addon), 'utf8'));
}
