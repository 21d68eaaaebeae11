import { minorOf } from '../catalog/compare-versions.js';
import type { Pin } from '../catalog/components.js';
import type { KubernetesMinor } from '../catalog/kubernetes.js';
import { loadKubernetes, loadNetwork, loadOs, loadPins } from '../catalog/load-catalog.js';
import type { Network } from '../catalog/network.js';
import { KilnError } from '../errors.js';
import type { Arch, LockedArtifact } from '../plan/types.js';
import type { Lock } from './lock.js';

/** The programs published one file each; a server tarball holds them all. */
const KUBERNETES_PROGRAMS = [
  'kube-apiserver',
  'kube-controller-manager',
  'kube-proxy',
  'kube-scheduler',
  'kubectl',
  'kubelet',
];

/**
 * The lock for one choice, from the catalog's pins alone: same choice, same lock. `kubernetes` is a version or a minor
 * (then the catalog's patch release of it).
 *
 * @throws KilnError UNKNOWN_NAME for a minor or network the catalog lacks; PIN_MISSING with every pin that is missing.
 */
export function resolveLock({
  os,
  kubernetes,
  network,
  arch,
}: {
  os: string;
  kubernetes: string;
  network: string;
  arch: Arch;
}): Lock {
  const facts = loadKubernetes(minorOf(kubernetes));
  const version = kubernetes.split('.').length > 2 ? kubernetes : facts.version;
  const wanted = [
    ...kubernetesPrograms(facts, version),
    // An old kernel or C library may need an older version than the minor's own.
    ...Object.entries({ ...facts.components, ...loadOs(os).components }),
    ...networkComponents(loadNetwork(network), facts.minor),
    ...Object.entries(facts.images).map(([name, tag]): [string, string] => [`image/${name}`, tag]),
  ];
  const found = wanted.map(([name, pinned]) => ({ name, pinned, artifact: findPin(name, pinned, arch) }));
  const missing = found.filter(({ artifact }) => artifact === undefined);
  if (missing.length > 0) throw pinMissing(missing, arch);
  const artifacts = found.flatMap(({ artifact }) => artifact ?? []);
  artifacts.sort((left, right) => (left.name < right.name ? -1 : 1));
  return { version: 1, source: 'upstream', kubernetes: version, artifacts };
}

function kubernetesPrograms({ packaging }: KubernetesMinor, version: string): [string, string][] {
  const names = packaging === 'server-tarball' ? ['kubernetes-server'] : KUBERNETES_PROGRAMS;
  return names.map((name) => [name, version]);
}

function networkComponents({ components }: Network, minor: string): [string, string][] {
  return Object.entries(components).flatMap(([name, versions]): [string, string][] => {
    const version = versions[minor] ?? versions.default;
    return version === undefined ? [] : [[name, version]];
  });
}

/** An image's index serves every architecture, a manifest of its own architecture is exact. */
function findPin(name: string, version: string, arch: Arch): LockedArtifact | undefined {
  const pins = loadPins(name, version);
  const pin = pins.find((candidate) => candidate.arch === arch) ?? pins.find(isIndex);
  if (pin === undefined) return undefined;
  const { kind, url, digest, source } = pin;
  return { name, version, arch, kind, url, digest, source };
}

function isIndex(pin: Pin): boolean {
  return pin.arch === 'index';
}

function pinMissing(missing: { name: string; pinned: string }[], arch: Arch): KilnError {
  const list = missing.map(({ name, pinned }) => `  ${name} ${pinned} ${arch}`).join('\n');
  return new KilnError('PIN_MISSING', `No digest is known for ${missing.length} of the artifacts:\n${list}`, {
    hint: 'Choose a version that `bake list kubernetes` shows, or add the pins with their source to catalog/pins/.',
  });
}
