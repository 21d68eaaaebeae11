import { readdirSync } from 'node:fs';
import { closestMatch } from 'leven';
import { KilnError } from '../errors.js';
import { compareText } from '../plan/canonical-json.js';
import { repositoryPath } from '../repository.js';
import { compareVersions } from './compare-versions.js';
import type { Components, Pin } from './components.js';
import type { KubernetesMinor } from './kubernetes.js';
import type { Network } from './network.js';
import type { OperatingSystem } from './os.js';
import { readYaml } from './read-yaml.js';
import type { Role } from './roles.js';

type Catalog = 'os' | 'kubernetes' | 'networks';

const TITLES: Record<Catalog, string> = { os: 'OS', kubernetes: 'Kubernetes minor', networks: 'network' };
const DEFAULTS = 'defaults';
/** Released as one set, so they share a file per minor and a plan opens one file for all of them. */
const KUBERNETES_COMPONENTS: ReadonlySet<string> = new Set([
  'kube-apiserver',
  'kube-controller-manager',
  'kube-proxy',
  'kube-scheduler',
  'kubectl',
  'kubelet',
  'kubernetes-server',
]);

/** One operating system. @throws KilnError UNKNOWN_NAME with the nearest names. */
export function loadOs(name: string): OperatingSystem {
  return loadMember('os', name) as OperatingSystem;
}

/** One Kubernetes minor, `1.N`: the defaults with its own differences merged in. @throws KilnError UNKNOWN_NAME. */
export function loadKubernetes(minor: string): KubernetesMinor {
  const differences = loadMember('kubernetes', minor);
  return merge(readYaml('kubernetes', `${DEFAULTS}.yaml`), differences) as KubernetesMinor;
}

/** One network. @throws KilnError UNKNOWN_NAME with the nearest names. */
export function loadNetwork(name: string): Network {
  return loadMember('networks', name) as Network;
}

/** Every role by name. */
export function loadRoles(): Record<string, Role> {
  return (readYaml('roles.yaml') as { roles: Record<string, Role> }).roles;
}

/** Every component by name: where its files go on the node. */
export function loadComponents(): Components['components'] {
  return (readYaml('components.yaml') as Components).components;
}

/** The pins of one component version, one for each architecture known; empty when there is none. */
export function loadPins(name: string, version: string): Pin[] {
  const file = pinFile(name, version);
  if (!memberNames('pins').includes(file)) return [];
  return readPins(file).filter((pin) => pin.name === name && pin.version === version);
}

/** Names of the operating systems, sorted. */
export function listOs(): string[] {
  return memberNames('os');
}

/** Kubernetes minors, oldest first. */
export function listKubernetes(): string[] {
  return memberNames('kubernetes').filter((name) => name !== DEFAULTS);
}

/** Names of the networks, sorted. */
export function listNetworks(): string[] {
  return memberNames('networks');
}

/** Which file under `catalog/pins` holds a component's pins. */
function pinFile(name: string, version: string): string {
  if (name.startsWith('image/')) return 'images';
  if (!KUBERNETES_COMPONENTS.has(name)) return name;
  return `kubernetes-${version.split('.').slice(0, 2).join('.')}`;
}

/** One plan asks the same few files for many components. */
const readPinFiles = new Map<string, readonly Pin[]>();

function readPins(file: string): readonly Pin[] {
  const known = readPinFiles.get(file);
  if (known !== undefined) return known;
  const { pins } = readYaml('pins', `${file}.yaml`) as { pins: Pin[] };
  readPinFiles.set(file, pins);
  return pins;
}

function loadMember(catalog: Catalog, name: string): unknown {
  const names = memberNames(catalog).filter((member) => member !== DEFAULTS);
  if (!names.includes(name)) throw unknownName(catalog, name, names);
  return readYaml(catalog, `${name}.yaml`);
}

function unknownName(catalog: Catalog, name: string, names: readonly string[]): KilnError {
  const nearest = closestMatch(name, [...names], { maxDistance: 4 });
  const guess = nearest === undefined ? '' : `; did you mean ${nearest}?`;
  return new KilnError('UNKNOWN_NAME', `Unknown ${TITLES[catalog]} ${JSON.stringify(name)}${guess}`, {
    hint: `Known: ${names.join(', ')}. \`bake list ${catalog}\` tells more about each.`,
  });
}

const names = new Map<string, string[]>();

/** Names of the files of one folder, in order; minors by number. */
function memberNames(folder: string): string[] {
  const known = names.get(folder);
  if (known !== undefined) return known;
  const found = readdirSync(repositoryPath('catalog', folder))
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => file.slice(0, -'.yaml'.length))
    .sort(folder === 'kubernetes' ? compareVersions : compareText);
  names.set(folder, found);
  return found;
}

/** Objects merge key by key; lists and scalars of `differences` replace. */
function merge(base: unknown, differences: unknown): unknown {
  if (!isObject(base) || !isObject(differences)) return differences;
  const merged: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(differences)) {
    merged[key] = key in base ? merge(base[key], value) : value;
  }
  return merged;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
