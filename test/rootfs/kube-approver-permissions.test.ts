import { readFileSync } from 'node:fs';
import test from 'ava';
import { loadAll } from 'js-yaml';
import { repositoryPath } from '../../src/repository.js';
import { JOINING, SIGNER } from './approver-node.js';

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

function documents(addon: string): unknown[] {
  return loadAll(readFileSync(repositoryPath('rootfs/usr/share/kiln/addons', addon), 'utf8'));
}
