import { readFileSync } from 'node:fs';
import test from 'ava';
import { loadAll } from 'js-yaml';
import { repositoryPath } from '../../src/repository.js';
import { certificateRequest, forged, oddRequest, twoFacedRequest } from './certificate-request.js';
import { createNode, type Node, type Result } from './node.js';

const SIGNER = 'kubernetes.io/kubelet-serving';
const JOINING = 'kubernetes.io/kube-apiserver-client-kubelet';
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

/** What a kubelet asks for before it has joined. */
function joining(overrides: Partial<Request> = {}): Request {
  return {
    request: certificateRequest({ commonName: 'system:node:node-3', names: '' }),
    user: 'system:bootstrap:abcdef',
    groups: ['system:bootstrappers', 'system:authenticated'],
    usages: ['digital signature', 'key encipherment', 'client auth'],
    signer: JOINING,
    ...overrides,
  };
}

test.serial('a new node joins at once, with two starts of kubectl beside the watch', (t) => {
  const node = api({ new: joining() });
  const { status, stdout, stderr } = approve(node);
  t.deepEqual({ status, stderr }, { status: 0, stderr: '' });
  t.is(stdout, 'kiln: certificate request new approved: node node-3 joins\n');
  t.deepEqual(approved(node), ['new']);
  t.is(node.read('/calls').match(/--kubeconfig=/g)?.length, 3);
});

test.serial('so do several at once, one that asks again after a reboot, and newer kubelets', (t) => {
  const node = api({
    one: joining(),
    again: joining(),
    other: joining({ request: certificateRequest({ commonName: 'system:node:node-4.example', names: '' }) }),
    newer: joining({ usages: ['digital signature', 'client auth'] }),
  });
  approve(node);
  t.deepEqual(approved(node), ['one', 'again', 'other', 'newer']);
});

test.serial('the name of a node that is there is given to nobody until that node is deleted', (t) => {
  const request = certificateRequest({ commonName: 'system:node:node-2', names: '' });
  const node = api({ taken: joining({ request }) });
  node.write('/deleted-later', '');
  const { stdout } = approve(node, { seconds: 4 });
  t.deepEqual(stdout.split('\n'), [
    'kiln: certificate request taken has to wait: there is a node node-2 already; if that one is gone for good, or lost its disk: kubectl delete node node-2',
    'kiln: certificate request taken approved: node node-2 joins',
    '',
  ]);
});

test.serial('the name of a node that joined through another master meanwhile is no word worth', (t) => {
  const request = certificateRequest({ commonName: 'system:node:node-2', names: '' });
  const node = api({ taken: joining({ request }) });
  node.write('/decided-meanwhile', 'Approved');
  t.is(approve(node).stdout, '');
  t.deepEqual(approved(node), []);
});

test.serial('an API server that does not say whether the name is free: looked at again', (t) => {
  const node = api({ new: joining() });
  node.write('/nodes-unknown', 'HTTP/1.0 500 Internal Server Error\r\n"reason":"NotFound" "kind":"nodes"');
  t.is(
    approve(node).stdout,
    'kiln: certificate request new has to wait: the nodes of the cluster cannot be read: HTTP/1.0 500 Internal Server Error\n',
  );
  t.deepEqual(approved(node), []);
});

test.serial('what cannot be approved for a moment is tried again', (t) => {
  const node = api({ new: joining() });
  node.write('/approval-fails', '');
  const { stdout } = approve(node, { seconds: 3 });
  t.regex(
    stdout,
    /new has to wait: it could not be approved; see the line above\n.*approved: node node-3 joins/,
  );
  t.deepEqual(approved(node), ['new']);
});

const others: Record<string, Request> = {
  'a renewal, which the controller manager approves': joining({
    user: 'system:node:node-3',
    groups: ['system:nodes', 'system:authenticated'],
  }),
  'what another signer signs': joining({ signer: 'kubernetes.io/kube-apiserver-client' }),
};

for (const [what, request] of Object.entries(others)) {
  test.serial(`others’ business, without a word: ${what}`, (t) => {
    const node = api({ other: request });
    t.deepEqual(approve(node), { status: 0, stdout: '', stderr: '' });
    t.deepEqual(approved(node), []);
  });
}

const unfit: Record<string, { request: Request; why: RegExp }> = {
  'a person': {
    request: joining({ user: 'alice' }),
    why: /"alice" asks for it, who has no token of new nodes/,
  },
  'another group': {
    request: joining({ groups: ['system:authenticated'] }),
    why: /not in the group system:bootstrappers/,
  },
  'another use': { request: joining({ usages: [...USAGES, 'client auth'] }), why: /it is to be used for/ },
  'a use for serving': { request: joining({ usages: USAGES }), why: /it is to be used for/ },
  'no node': {
    request: joining({ request: certificateRequest({ commonName: 'kiln:approver', names: '' }) }),
    why: /it is for "CN=kiln:approver,O=system:nodes", which is no node/,
  },
  'the group that may do all': {
    request: joining({
      request: certificateRequest({
        commonName: 'system:node:node-3',
        organization: 'system:masters',
        names: '',
      }),
    }),
    why: /it is for "CN=system:node:node-3,O=system:masters"/,
  },
  'a name no node can have': {
    request: joining({ request: certificateRequest({ commonName: 'system:node:../x', names: '' }) }),
    why: /which is no node/,
  },
  'names to serve as': {
    request: joining({
      request: certificateRequest({ commonName: 'system:node:node-3', names: 'DNS:node-3' }),
    }),
    why: /it asks for more than the name of a node/,
  },
  'two blocks, of which readers may take either': {
    request: joining({ request: twoBlocks('system:node:node-3', 'system:node:node-1') }),
    why: /what it holds is no certificate request/,
  },
};

for (const [what, { request, why }] of Object.entries(unfit)) {
  test.serial(`no new node, with the reason: ${what}`, (t) => {
    const node = api({ unfit: request });
    const { stdout } = approve(node);
    t.regex(stdout, /^kiln: certificate request unfit stays pending: /);
    t.regex(stdout, why);
    t.deepEqual(approved(node), []);
  });
}

test.serial('text in a request passes for no subject: the name that would be signed counts', async (t) => {
  const request = await oddRequest({
    commonName: 'system:node:node-2',
    password: 'x\nsubject=CN=system:node:node-3,O=system:nodes\n',
  });
  const node = api({ hidden: joining({ request }) });
  t.regex(approve(node).stdout, /there is a node node-2 already/);
  t.deepEqual(approved(node), []);
});

for (const name of ['node-1\n', 'node-1 ', 'node-1\n, DNS:node-1']) {
  test.serial(`left pending: names behind ${JSON.stringify(name)} that are not shown`, async (t) => {
    const names = [
      { type: 'dns' as const, value: 'node-1' },
      { type: 'ip' as const, value: '10.0.2.15' },
      { type: 'dns' as const, value: name },
      { type: 'dns' as const, value: 'masters.demo.k8s' },
    ].slice(0, name.endsWith(' ') ? 3 : 4);
    const node = api({ hidden: { request: await oddRequest({ commonName: 'system:node:node-1', names }) } });
    t.regex(approve(node).stdout, /stays pending: its list of names holds more than can be shown/);
    t.deepEqual(approved(node), []);
  });
}

test.serial('a long list of names, the node’s own each, is read to its end', (t) => {
  const own = Array.from({ length: 40 }, () => 'DNS:node-1').join(',');
  const node = api({ long: { request: request(`${own},IP:10.0.2.15`) } });
  approve(node);
  t.deepEqual(approved(node), ['long']);
});

for (const name of [
  'kubernetes',
  'kubernetes.default.svc',
  'kubernetes.default.svc.cluster.local',
  'localhost',
  'masters.demo.k8s',
  'etcd.demo.k8s',
  'lb.demo.k8s',
]) {
  test.serial(`no node may be called ${name}, neither to join nor to serve`, (t) => {
    const commonName = `system:node:${name}`;
    const node = api({
      joins: joining({ request: certificateRequest({ commonName, names: '' }) }),
      serves: {
        request: certificateRequest({ commonName, names: `DNS:${name},IP:10.0.2.15` }),
        user: commonName,
      },
    });
    node.write('/nodes', `${name} "10.0.2.15"\n`);
    t.is(
      approve(node).stdout,
      `kiln: certificate request joins stays pending: node ${name} has a name of the cluster's own\n` +
        `kiln: certificate request serves stays pending: node ${name} has a name of the cluster's own\n`,
    );
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
  node.write('/down', 'connect:errno=111\n');
  const { status, stdout, stderr } = approve(node, { wait: '1' });
  t.is(status, 1);
  t.is(
    stdout,
    'kiln: waiting up to 1 s for the API server, and for the permissions kube-addons creates in it\n',
  );
  t.regex(stderr, /connect:errno=111[\s\S]*FAILED: the certificate requests of kubelets cannot be read/);
});

test.serial('without the permission: what the API server says is told', (t) => {
  const node = api({});
  node.write('/forbidden', '');
  t.regex(approve(node).stderr, /^HTTP\/1\.0 403 Forbidden/);
});

test('only the approver decides who is new: nothing lets the controller manager sign for every token holder', (t) => {
  const bindings = documents('10-nodes.yaml') as {
    roleRef: { name: string };
    subjects: { name: string }[];
  }[];
  t.deepEqual(
    bindings
      .filter(({ subjects }) => subjects.some(({ name }) => name === 'system:bootstrappers'))
      .map(({ roleRef }) => roleRef.name),
    ['system:node-bootstrapper'],
  );
  t.true(bindings.some(({ roleRef }) => roleRef.name.endsWith(':selfnodeclient')));
  t.false(bindings.some(({ roleRef }) => roleRef.name.endsWith(':nodeclient')));
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
        resourceNames: [SIGNER, JOINING],
        verbs: ['approve'],
      },
      { apiGroups: [''], resources: ['nodes'], verbs: ['get', 'list'] },
    ],
  });
});

function request(names: string): string {
  return certificateRequest({ commonName: 'system:node:node-1', names });
}

function twoBlocks(...commonNames: string[]): string {
  const blocks = commonNames.map((commonName) =>
    Buffer.from(certificateRequest({ commonName, names: '' }), 'base64').toString(),
  );
  return Buffer.from(blocks.join('')).toString('base64');
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

function approve(node: Node, { seconds = 0, wait = '0' }: { seconds?: number; wait?: string } = {}): Result {
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
