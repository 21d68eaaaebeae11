import test from 'ava';
import { api, approve, approved, joining, type Request, twoBlocks, USAGES } from './approver-node.js';
import { certificateRequest, oddRequest } from './certificate-request.js';

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
