import { readdirSync, readFileSync } from 'node:fs';
import test from 'ava';
import { load } from 'js-yaml';
import { type Pin, pinsSchema } from '../../src/catalog/components.js';
import {
  listKubernetes,
  listNetworks,
  listOs,
  loadComponents,
  loadKubernetes,
  loadNetwork,
  loadOs,
  loadPins,
} from '../../src/catalog/load-catalog.js';
import { repositoryPath } from '../../src/repository.js';

const FILES = readdirSync(repositoryPath('catalog', 'pins')).filter((file) => file.endsWith('.yaml'));
const PINS = FILES.flatMap((file) => read(file).map((pin) => ({ file, pin })));

/** What the catalog names and nobody has published a digest for: `<name> <version> <arch>`. Empty is the aim. */
const WITHOUT_PIN: string[] = [];

const PROGRAMS = [
  'kube-apiserver',
  'kube-controller-manager',
  'kube-proxy',
  'kube-scheduler',
  'kubectl',
  'kubelet',
];

/** Hosts of the projects' own releases; a pin from anywhere else is a mistake. */
const HOSTS = ['dl.k8s.io', 'github.com', 'registry-1.docker.io', 'registry.k8s.io'];

for (const file of FILES) {
  test(`${file}: satisfies the schema`, (t) => {
    t.notThrows(() => pinsSchema.parse({ pins: read(file) }));
  });

  test(`${file}: tells how to refresh it`, (t) => {
    t.regex(readFileSync(repositoryPath('catalog', 'pins', file), 'utf8'), /^# .*\n# .*Refresh: /);
  });
}

test('every pin is where the loader looks for it', (t) => {
  for (const { file, pin } of PINS) {
    t.deepEqual(
      loadPins(pin.name, pin.version).filter(({ arch }) => arch === pin.arch),
      [pin],
      `${file}: ${describe(pin)}`,
    );
  }
});

test('every version the catalog names has a pin for amd64 and arm64', (t) => {
  const missing = wanted().flatMap(([name, version]) =>
    ['amd64', 'arm64']
      .filter((arch) => !isPinned(name, version, arch))
      .map((arch) => `${name} ${version} ${arch}`),
  );
  t.deepEqual(missing.toSorted(), WITHOUT_PIN.toSorted());
});

test('each URL names what it is the digest of', (t) => {
  for (const { pin } of PINS) {
    t.true(HOSTS.includes(new URL(pin.url).host), pin.url);
    t.true(pin.url.startsWith('https://'));
    if (pin.kind === 'oci') t.true(pin.url.endsWith(`/manifests/${pin.digest}`), describe(pin));
    else t.true(pin.url.includes(pin.version) && pin.url.includes(pin.arch), describe(pin));
    t.notRegex(pin.url, /latest|stable/);
  }
});

test('no digest stands for two things', (t) => {
  const seen = new Map<string, string>();
  for (const { pin } of PINS) {
    const other = seen.get(pin.digest);
    t.is(other, undefined, `${describe(pin)} and ${other} have the same digest`);
    seen.set(pin.digest, describe(pin));
  }
});

test('a pin says where it was read: a file at a commit, unless it is marked for checking again', (t) => {
  for (const { pin } of PINS) {
    if (pin.trust === 'third-party') continue;
    t.regex(pin.source, /^[\w.-]+\/[\w.-]+:[^@\s]+@[0-9a-f]{7,40}$/, describe(pin));
  }
});

test('what runs the cluster is pinned by its own project or a large one that collects its sums', (t) => {
  const core = PINS.filter(({ pin }) =>
    [...PROGRAMS, 'kubernetes-server', 'etcd', 'containerd-static', 'runc', 'cni-plugins'].includes(pin.name),
  );
  t.deepEqual(
    core.filter(({ pin }) => pin.trust === 'third-party').map(({ pin }) => describe(pin)),
    [],
  );
});

test('every pinned component goes somewhere', (t) => {
  for (const { pin } of PINS) {
    const component = loadComponents()[pin.name];
    t.truthy(component, pin.name);
    if (pin.kind === 'file') t.truthy(component?.path, pin.name);
    if (pin.kind === 'tar') t.truthy(component?.members, pin.name);
  }
});

function wanted(): [string, string][] {
  const kubernetes = listKubernetes().flatMap((minor): [string, string][] => {
    const { components, images, packaging, version } = loadKubernetes(minor);
    const programs = packaging === 'server-tarball' ? ['kubernetes-server'] : PROGRAMS;
    return [
      ...programs.map((name): [string, string] => [name, version]),
      ...Object.entries(components),
      ...Object.entries(images).map(([name, tag]): [string, string] => [`image/${name}`, tag]),
    ];
  });
  const networks = listNetworks().flatMap((name) =>
    Object.entries(loadNetwork(name).components).flatMap(([component, versions]) =>
      Object.values(versions).map((version): [string, string] => [component, version]),
    ),
  );
  const operatingSystems = listOs().flatMap((name) => Object.entries(loadOs(name).components ?? {}));
  return [
    ...new Map(
      [...kubernetes, ...networks, ...operatingSystems].map((pair) => [pair.join(' '), pair]),
    ).values(),
  ];
}

function isPinned(name: string, version: string, arch: string): boolean {
  return loadPins(name, version).some((pin) => pin.arch === arch || pin.arch === 'index');
}

function describe(pin: Pin): string {
  return `${pin.name} ${pin.version} ${pin.arch}`;
}

function read(file: string): Pin[] {
  return (load(readFileSync(repositoryPath('catalog', 'pins', file), 'utf8')) as { pins: Pin[] }).pins;
}
