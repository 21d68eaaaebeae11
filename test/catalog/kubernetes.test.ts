import { globSync, readFileSync } from 'node:fs';
import test from 'ava';
import { load } from 'js-yaml';
import { kubernetesSchema } from '../../src/catalog/kubernetes.js';
import { listKubernetes, loadKubernetes } from '../../src/catalog/load-catalog.js';
import { repositoryPath } from '../../src/repository.js';

/** Flags a minor does not know stop the daemon at its start. First minor without the flag, by component. */
const REMOVED: Record<string, Record<string, number>> = {
  kubelet: { 'container-runtime': 27, 'pod-infra-container-image': 35 },
  'kube-controller-manager': { port: 24 },
  'kube-scheduler': { port: 24 },
};

for (const minor of listKubernetes()) {
  test(`${minor}: its own file, merged with the defaults, satisfies the schema`, (t) => {
    t.deepEqual(kubernetesSchema.parse(loadKubernetes(minor)), loadKubernetes(minor));
  });

  test(`${minor}: says who it is`, (t) => {
    const member = loadKubernetes(minor);
    t.is(member.minor, minor);
    t.true(member.version.startsWith(`${minor}.`), member.version);
    t.true(member.components.crictl.startsWith(`${minor}.`), 'crictl goes with its own minor');
  });

  test(`${minor}: passes no flag the minor lacks`, (t) => {
    const { args } = loadKubernetes(minor);
    const refused = Object.entries(REMOVED).flatMap(([component, flags]) =>
      Object.keys(args[component as keyof typeof args]).filter(
        (flag) => number(minor) >= (flags[flag] ?? Infinity),
      ),
    );
    t.deepEqual(refused, []);
  });

  test(`${minor}: tells a kubelet of before 1.24 that its runtime is remote, and which sandbox image to keep`, (t) => {
    const { args } = loadKubernetes(minor);
    // The plan puts in the name of the image it bakes, which depends on the lock's source.
    const expected = { 'container-runtime': 'remote', 'pod-infra-container-image': '{pauseImage}' };
    t.deepEqual(args.kubelet, number(minor) < 24 ? expected : {});
  });

  test(`${minor}: closes the ports without TLS that the minor still opens`, (t) => {
    const { args } = loadKubernetes(minor);
    t.is(args['kube-controller-manager'].port, number(minor) < 22 ? '0' : undefined);
    t.is(args['kube-scheduler'].port, number(minor) < 23 ? '0' : undefined);
  });

  test(`${minor}: anonymous requests are off, or limited by a file the API server can read`, (t) => {
    const { args, authenticationConfig } = loadKubernetes(minor);
    const flags = args['kube-apiserver'];
    t.not('anonymous-auth' in flags, 'authentication-config' in flags, 'exactly one of the two');
    t.is('authentication-config' in flags, authenticationConfig !== undefined);
    t.is(authenticationConfig, number(minor) < 32 ? undefined : number(minor) < 34 ? 'v1beta1' : 'v1');
  });

  test(`${minor}: etcd flags are spelt as its etcd wants them`, (t) => {
    const { args, components } = loadKubernetes(minor);
    const old = Number(components.etcd.split('.')[1]) < 6;
    const experimental = Object.keys(args.etcd).filter((flag) => flag.startsWith('experimental-'));
    t.is(experimental.length > 0, old, '--experimental-* ends with etcd 3.6');
    t.is('feature-gates' in args.etcd, !old);
  });

  test(`${minor}: the containerd it comes with speaks its CRI and reads its own configuration version`, (t) => {
    const { components, containerd, cri } = loadKubernetes(minor);
    const version = components['containerd-static'];
    t.is(containerd.configVersion, version.startsWith('1.') ? 2 : 3);
    t.is(cri, number(minor) < 23 ? 'v1alpha2' : 'v1');
    if (cri === 'v1alpha2')
      t.true(
        version.startsWith('1.7.'),
        'the last line that speaks v1alpha2, and the first with a static build',
      );
    t.true(compare(version, containerd.min) >= 0, `${version} is at least ${containerd.min}`);
  });

  test(`${minor}: kube-proxy modes`, (t) => {
    const { modes } = loadKubernetes(minor).kubeProxy;
    t.is(modes.includes('nftables'), number(minor) >= 31, 'alpha, behind a gate, in 1.29 and 1.30');
  });

  test(`${minor}: the kubelet refuses cgroup v1 from 1.35`, (t) => {
    t.is(loadKubernetes(minor).kubelet.refusesCgroupV1, number(minor) >= 35);
  });
}

test('no minor of the range is missing, and each outlives the one before', (t) => {
  const minors = listKubernetes();
  t.is(minors[0], '1.20');
  t.is(minors.at(-1), '1.37');
  t.deepEqual(
    minors.map(number),
    Array.from({ length: minors.length }, (_, index) => 20 + index),
  );
  const ends = minors.map((minor) => loadKubernetes(minor).endOfLife);
  t.deepEqual(ends, ends.toSorted());
});

test('a minor repeats nothing of the defaults', (t) => {
  const defaults = read('defaults');
  for (const minor of listKubernetes()) {
    const repeated = Object.entries(read(minor)).filter(([key, value]) => isSame(defaults[key], value));
    t.deepEqual(repeated, [], minor);
  }
});

function number(minor: string): number {
  return Number(minor.split('.')[1]);
}

function compare(left: string, right: string): number {
  return left.localeCompare(right, 'en', { numeric: true });
}

function read(name: string): Record<string, unknown> {
  return load(readFileSync(repositoryPath('catalog', 'kubernetes', `${name}.yaml`), 'utf8')) as Record<
    string,
    unknown
  >;
}

function isSame(left: unknown, right: unknown): boolean {
  return JSON.stringify(left) === JSON.stringify(right);
}

test('no minor makes kubelets report more often than Kubernetes does', (t) => {
  // docs/decisions.md, "Kubelets report as often as Kubernetes lets them".
  for (const minor of listKubernetes())
    t.false('nodeStatusUpdateFrequency' in loadKubernetes(minor).kubelet.config, minor);
});

test('all components agree about the cloud: none is told of one, in any minor', (t) => {
  // One that is told `external` alone leaves every node tainted until a controller comes that nobody runs.
  for (const minor of listKubernetes()) {
    const { args, kubelet } = loadKubernetes(minor);
    const flags = Object.values(args).flatMap((component) => Object.keys(component));
    t.deepEqual(
      [...flags, ...Object.keys(kubelet.config)].filter((flag) => /^cloud|cloudProvider/.test(flag)),
      [],
      minor,
    );
  }
  const units = globSync(repositoryPath('units', '*.service'));
  t.true(units.length > 10);
  t.deepEqual(
    units.filter((unit) => readFileSync(unit, 'utf8').includes('--cloud-')),
    [],
  );
});
