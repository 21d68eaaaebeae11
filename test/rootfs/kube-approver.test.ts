import test from 'ava';
import { api, approve, approved, joining, type Request, RIGHT, request, USAGES } from './approver-node.js';
import { certificateRequest, forged, oddRequest, twoFacedRequest } from './certificate-request.js';

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
