import test from 'ava';
import { LABEL, NAMESPACE, smokeManifests } from '../../../src/launch/smoke/manifests.js';

interface Manifest {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string; labels: Record<string, string> };
  spec: { template: { metadata: { labels: Record<string, string> }; spec: PodSpec } };
}

interface PodSpec {
  automountServiceAccountToken: boolean;
  containers: { image: string; imagePullPolicy: string; command: string[] }[];
}

const image = 'debian.kiln.invalid/smoke:1.35.0';
const manifests = smokeManifests({ image, pull: false }) as unknown as Manifest[];
const deployments = manifests.filter(({ kind }) => kind === 'Deployment');

test('only API versions every Kubernetes from 1.20 to 1.37 serves', (t) => {
  t.deepEqual([...new Set(manifests.map(({ apiVersion }) => apiVersion))], ['v1', 'apps/v1']);
});

test('everything is in the namespace, which comes first, and carries the label', (t) => {
  t.is(manifests[0]?.kind, 'Namespace');
  t.is(manifests[0]?.metadata.name, NAMESPACE);
  for (const { metadata } of manifests.slice(1)) t.is(metadata.namespace, NAMESPACE);
  for (const { metadata } of manifests) t.is(metadata.labels[LABEL.key], LABEL.value);
});

test('pods carry the label that a drain chooses by, get no token and never pull a baked image', (t) => {
  t.deepEqual(
    deployments.map(({ metadata }) => metadata.name),
    ['web', 'client'],
  );
  for (const { spec } of deployments) {
    const pod = spec.template.spec;
    t.is(spec.template.metadata.labels[LABEL.key], LABEL.value);
    t.false(pod.automountServiceAccountToken);
    t.is(pod.containers[0]?.imagePullPolicy, 'Never');
    t.is(pod.containers[0]?.image, image);
    t.is(pod.containers[0]?.command[0], '/bin/busybox');
  }
});

test('an image the person names may be pulled', (t) => {
  const pulled = smokeManifests({
    image: 'docker.io/library/busybox:1.36',
    pull: true,
  }) as unknown as Manifest[];
  const policies = pulled.flatMap(
    ({ spec }) => spec?.template?.spec.containers.map((one) => one.imagePullPolicy) ?? [],
  );
  t.deepEqual(policies, ['IfNotPresent', 'IfNotPresent']);
});
