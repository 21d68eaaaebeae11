import test from 'ava';
import { listKubernetes, listNetworks, loadKubernetes } from '../../src/catalog/load-catalog.js';
import { KilnError } from '../../src/errors.js';
import { imageReference } from '../../src/lock/image-reference.js';
import { lockSchema } from '../../src/lock/lock.js';
import { resolveLock } from '../../src/lock/resolve-lock.js';

const PROGRAMS = [
  'kube-apiserver',
  'kube-controller-manager',
  'kube-proxy',
  'kube-scheduler',
  'kubectl',
  'kubelet',
];

for (const arch of ['amd64', 'arm64'] as const) {
  test(`every minor with every network has a complete lock for ${arch}`, (t) => {
    for (const kubernetes of listKubernetes()) {
      for (const network of listNetworks()) {
        const lock = resolveLock({ os: 'debian12', kubernetes, network, arch });
        t.notThrows(() => lockSchema.parse(lock), `${kubernetes} ${network}`);
        const names = lock.artifacts.map(({ name }) => name);
        t.deepEqual(names, [...new Set(names)].sort(), `${kubernetes} ${network}`);
        const isArchive = loadKubernetes(kubernetes).packaging === 'server-tarball';
        for (const name of isArchive ? ['kubernetes-server'] : PROGRAMS) t.true(names.includes(name), name);
        for (const name of ['etcd', 'runc', 'cni-plugins', 'image/pause']) t.true(names.includes(name), name);
        t.true(lock.artifacts.every((artifact) => artifact.arch === arch));
      }
    }
  });
}

test('a minor means the patch release of the catalog; a patch release is taken as it is', (t) => {
  const choice = { os: 'debian12', network: 'none', arch: 'amd64' } as const;
  const { version } = loadKubernetes('1.29');
  t.is(resolveLock({ ...choice, kubernetes: '1.29' }).kubernetes, version);
  t.deepEqual(
    resolveLock({ ...choice, kubernetes: version }),
    resolveLock({ ...choice, kubernetes: '1.29' }),
  );
});

test('everything without a pin is named at once', (t) => {
  const error = t.throws(
    () => resolveLock({ os: 'debian12', kubernetes: '1.29.999', network: 'none', arch: 'arm64' }),
    { instanceOf: KilnError, code: 'PIN_MISSING' },
  );
  t.is(
    error?.message,
    `No digest is known for 6 of the artifacts:\n${PROGRAMS.map((name) => `  ${name} 1.29.999 arm64`).join('\n')}`,
  );
});

test('an unknown minor or network is named with the nearest', (t) => {
  const choice = { os: 'debian12', arch: 'amd64' } as const;
  t.throws(() => resolveLock({ ...choice, kubernetes: '1.2', network: 'none' }), { code: 'UNKNOWN_NAME' });
  t.throws(() => resolveLock({ ...choice, kubernetes: '1.29', network: 'flanel' }), {
    code: 'UNKNOWN_NAME',
    message: /flannel/,
  });
});

for (const [url, version, reference] of [
  ['https://registry.k8s.io/v2/pause/manifests/sha256:1', '3.9', 'registry.k8s.io/pause:3.9'],
  [
    'https://registry.k8s.io/v2/coredns/coredns/manifests/sha256:1',
    'v1.9.3',
    'registry.k8s.io/coredns/coredns:v1.9.3',
  ],
  [
    'https://registry-1.docker.io/v2/weaveworks/weave-kube/manifests/sha256:1',
    '2.8.1',
    'docker.io/weaveworks/weave-kube:2.8.1',
  ],
  ['https://debian.kiln.invalid/v2/pause/manifests/sha256:1', '0.1.7', 'debian.kiln.invalid/pause:0.1.7'],
] as const) {
  test(`${url} is ${reference}`, (t) => {
    t.is(imageReference({ url, version }), reference);
  });
}

test('a URL that is no manifest has no image name', (t) => {
  t.throws(() => imageReference({ url: 'https://example.org/runc', version: '1' }), {
    instanceOf: TypeError,
  });
});
