import { readFileSync } from 'node:fs';
import { loadNetwork, loadOs } from '../../src/catalog/load-catalog.js';
import type { Network } from '../../src/catalog/network.js';
import { parseUnit } from '../../src/lint/parse-unit.js';
import { imageReference } from '../../src/lock/image-reference.js';
import type { Plan, PlannedFile } from '../../src/plan/types.js';
import { repositoryPath } from '../../src/repository.js';

const UNITS = '/usr/lib/systemd/system';
const HELPERS = '/usr/libexec/kiln';
/** Written at boot: by kube-role, by kube-identity, by the kubelet. */
const WRITTEN_AT_BOOT = new Set([
  '/run/kubernetes/node.env',
  '/run/kubernetes/cluster.env',
  '/var/lib/kubelet/pki/kubelet-client-current.pem',
]);
/** Which need of the OS (catalog/os) brings a program of the distribution that units and helpers call. */
const NEED_OF: Readonly<Record<string, string>> = {
  ip: 'network',
  iptables: 'iptables',
  ipset: 'ipset',
};
/** Everything the network of a plan names that the plan does not bring, one line each; empty when it is complete. */
export function missingPieces(plan: Plan): string[] {
  const network = loadNetwork(plan.spec.network);
  const image = { plan, network, files: new Map(plan.files.map((file) => [file.path, file])) };
  return [
    ...unitPieces(image),
    ...scriptPieces(image),
    ...cniPieces(image),
    ...kernelPieces(image),
    ...portPieces(image),
    ...programPieces(image),
    ...permissionPieces(image),
    ...imagePieces(image),
  ];
}

interface Image {
  plan: Plan;
  network: Network;
  files: ReadonlyMap<string, PlannedFile>;
}

/** The unit, its link, its gates, and every file and variable its lines name. */
function unitPieces(image: Image): string[] {
  const { network, files, plan } = image;
  if (network.unit === undefined) return [];
  const path = `${UNITS}/${network.unit}`;
  const around = [
    path,
    `/etc/systemd/system/multi-user.target.wants/${network.unit}`,
    `${path}.d/10-role.conf`,
  ];
  const { entries } = parseUnit(contentOf(image, path), path);
  const speaksAsNode =
    entries.some(({ value }) => value.includes('node.kubeconfig')) || network.unit === 'kube-routes.service';
  if (speaksAsNode) around.push(`${path}.d/05-identity.conf`);
  const named = entries
    .filter(({ key }) => /^(Exec|EnvironmentFile)/.test(key))
    .flatMap(({ value }) => pathsIn(value));
  const minion = plan.roles.find(({ name }) => name === 'minion')?.units ?? [];
  return [
    ...around.filter((file) => !files.has(file)).map((file) => `no ${file}`),
    ...named
      .filter((file) => !isThere(image, file))
      .map((file) => `${network.unit} names ${file}, which nothing brings`),
    ...(minion.includes(network.unit) ? [] : [`${network.unit} is no unit of the role minion`]),
    ...unsetVariables(
      image,
      entries
        .filter(({ key }) => key.startsWith('Exec'))
        .map(({ value }) => value)
        .join('\n'),
    ),
  ];
}

/** `-` before a path: it may be absent. Programs of the distribution are judged by `programPieces`. */
function pathsIn(value: string): string[] {
  if (value.startsWith('-')) return [];
  return [...value.matchAll(/(?<![\w}])(\/[\w./-]+)/g)]
    .map((match) => match[1] ?? '')
    .filter((path) => !path.startsWith('/sbin/'));
}

function isThere({ files }: Image, path: string): boolean {
  if (files.has(path) || WRITTEN_AT_BOOT.has(path)) return true;
  const kubeconfig = /^\/run\/kubernetes\/(.+\.kubeconfig)$/.exec(path)?.[1];
  return kubeconfig !== undefined && files.has(`/usr/share/kiln/kubeconfig/${kubeconfig}`);
}

/** Variables of a unit or script that no environment file sets. `…_ARGS` and `${X:-…}` are the administrator's to set. */
function unsetVariables(image: Image, text: string): string[] {
  const set = new Set([
    ...assigned(contentOf(image, '/usr/lib/kiln/kubernetes.env')),
    ...assigned(readFileSync(repositoryPath('rootfs/usr/libexec/kiln/kube-role'), 'utf8')),
    ...assigned(text),
    'LC_ALL',
    // awk's own.
    'NF',
  ]);
  const used = [...text.matchAll(/\$\{?([A-Z][A-Z0-9_]+)(?!\w)(:-)?/g)].flatMap(([, name, fallback]) =>
    name === undefined || fallback !== undefined ? [] : [name],
  );
  return [...new Set(used)]
    .filter((name) => !set.has(name) && !name.endsWith('_ARGS') && !name.startsWith('KILN_'))
    .map((name) => `nothing sets ${name}`);
}

function assigned(text: string): string[] {
  return [...text.matchAll(/^(?:export )?([A-Z][A-Z0-9_]+)=/gm)].map((match) => match[1] ?? '');
}

/** The helpers the unit starts, and those they hand on to the container. */
function scriptPieces(image: Image): string[] {
  return scriptsOf(image).flatMap(([path, text]) => {
    const file = image.files.get(path);
    const started = contentOf(image, `${UNITS}/${image.network.unit}`).includes(path);
    const mode = file !== undefined && file.type === 'file' ? file.mode : '';
    // What is passed into the container by name (--env) is set there.
    const inContainer = path.endsWith('-in-container');
    return [
      ...(started && mode !== '0755' ? [`${path} cannot be run (mode ${mode})`] : []),
      ...(inContainer ? [] : unsetVariables(image, text)),
    ];
  });
}

/** Paths and texts of the network's own helpers in the plan: those only this network has. */
function scriptsOf({ files, network }: Image): [string, string][] {
  const names: Readonly<Record<string, readonly string[]>> = {
    routed: ['kube-routes'],
    weave: ['weave', 'weave-in-container'],
  };
  return (names[network.name] ?? []).map((name) => {
    const file = files.get(`${HELPERS}/${name}`);
    return [`${HELPERS}/${name}`, file !== undefined && 'content' in file ? file.content : ''];
  });
}

/** The CNI configuration, where somebody reads it, and every plugin it names, as a binary from an artifact. */
function cniPieces(image: Image): string[] {
  const { network, files } = image;
  const config = network.cniConfig?.content ?? network.containerdConfTemplate;
  const place =
    network.cniConfig === undefined
      ? '/etc/containerd/cni.conflist.template'
      : `/etc/cni/net.d/${network.cniConfig.file}`;
  const containerd = contentOf(image, '/etc/containerd/config.toml').replaceAll("'", '"');
  const plugins = [...new Set(['loopback', ...pluginTypes(config), ...impliedPlugins(network)])];
  return [
    ...(config !== undefined && !files.has(place) ? [`no ${place}`] : []),
    ...(network.containerdConfTemplate !== undefined && !containerd.includes(`conf_template = "${place}"`)
      ? [`containerd does not read ${place}`]
      : []),
    ...['bin_dir = "/opt/cni/bin"', 'conf_dir = "/etc/cni/net.d"']
      .filter((line) => !containerd.includes(line))
      .map((line) => `containerd's configuration has no ${line}`),
    ...plugins
      .filter((type) => !isBinary(files.get(`/opt/cni/bin/${type}`)))
      .map((type) => `no CNI plugin ${type}`),
  ];
}

/** flannel's plugin hands on to these unless told otherwise; weave's configuration, written by its image, names portmap. */
function impliedPlugins({ name }: Network): string[] {
  if (name === 'flannel') return ['bridge', 'host-local'];
  return name === 'weave' ? ['portmap'] : [];
}

function pluginTypes(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, child]) =>
    key === 'type' && typeof child === 'string' ? [child] : pluginTypes(child),
  );
}

function isBinary(file: PlannedFile | undefined): boolean {
  return file !== undefined && 'artifact' in file && file.mode === '0755';
}

/** Modules under the names this OS has them; `''` says it is built in or gone. Those the unit loads itself as well. */
function kernelPieces(image: Image): string[] {
  const { renamed } = loadOs(image.plan.spec.os).kernelModules;
  const loaded = new Set(contentOf(image, '/etc/modules-load.d/kiln.conf').split('\n'));
  const unit = image.network.unit === undefined ? '' : contentOf(image, `${UNITS}/${image.network.unit}`);
  const wanted = [
    ...image.network.kernelModules,
    ...[...unit.matchAll(/modprobe (\w+)/g)].map((match) => match[1] ?? ''),
  ];
  return wanted
    .map((name) => renamed[name] ?? name)
    .filter((name) => name !== '' && !(loaded.has(name) && image.plan.expected.modules.includes(name)))
    .map((name) => `the module ${name} is not loaded`);
}

/** Every port in the plan's table under the network's unit, on minions; every port its helpers name in the network's list. */
function portPieces({ plan, network, files }: Image): string[] {
  const table = plan.ports.filter(({ unit, roles }) => unit === network.unit && roles.includes('minion'));
  const absent = network.ports.filter(
    ({ port, protocol, address }) =>
      !table.some((entry) => entry.port === port && entry.protocol === protocol && entry.address === address),
  );
  const texts = scriptsOf({ plan, network, files })
    .map(([, text]) => text)
    .join('\n');
  const named = [...texts.matchAll(/(?:--port=|-addr=[\d.]+:)(\d+)/g)].map((match) => Number(match[1]));
  return [
    ...absent.map(({ port, protocol }) => `the port ${port}/${protocol} is not in the table`),
    ...named
      .filter((port) => !network.ports.some((entry) => entry.port === port))
      .map((port) => `the port ${port} is in a helper but not in the catalog`),
  ];
}

/** Programs its helpers and agent call: kiln's own by path, the distribution's by package. */
function programPieces(image: Image): string[] {
  const { plan, network, files } = image;
  const text = scriptsOf(image)
    .map(([, script]) => script)
    .join('\n');
  const called = ['kubectl', 'ctr', 'ip', 'iptables', 'ipset'].filter((name) =>
    new RegExp(`(^|[|(;!]|exec|if|then)\\s*${name} `, 'm').test(text),
  );
  const own = called.filter((name) => !(name in NEED_OF) && !isBinary(files.get(`/usr/local/bin/${name}`)));
  const packages: Readonly<Record<string, string[]>> = loadOs(plan.spec.os).packages;
  // What the agents' own code calls, no text of kiln's shows: the catalog says it.
  const needs = new Set([...called.flatMap((name) => NEED_OF[name] ?? []), ...network.needs]);
  const absent = [...needs].filter((need) => {
    const names = packages[need] ?? [];
    const here = names.every((name) => plan.packages.includes(name.replaceAll('{arch}', plan.spec.arch)));
    return names.length === 0 || !here;
  });
  return [...own.map((name) => `no program ${name}`), ...absent.map((need) => `no package for ${need}`)];
}

/** Who speaks to the API has a credential of the identity and permissions among the addons. */
function permissionPieces(image: Image): string[] {
  const { network, files } = image;
  const speaks = ['flannel', 'kube-router', 'routed'].includes(network.name);
  if (!speaks) return [];
  const kubeconfig = contentOf(image, '/usr/share/kiln/kubeconfig/node.kubeconfig');
  const authority = /certificate-authority: (\S+)/.exec(kubeconfig)?.[1] ?? '';
  const identity = readFileSync(repositoryPath('catalog/identity.yaml'), 'utf8');
  return [
    ...network.manifests
      .filter(({ file }) => !files.has(`/usr/share/kiln/addons/${file}`))
      .map(({ file }) => `no addon ${file}`),
    ...(network.manifests.length === 0 ? ['its agent has no permissions'] : []),
    ...(authority === '/etc/kubernetes/pki/kubelet/ca.crt' &&
    /minion:\n\s+kubelet: \{ ca\.crt:/.test(identity)
      ? []
      : [`node.kubeconfig names ${authority || 'no authority'}, which a minion's bundle does not hold`]),
  ];
}

/** Artifacts of the network are in the lock; an image is an archive the node imports, under the name the unit runs. */
function imagePieces(image: Image): string[] {
  const { plan, network } = image;
  const environment = contentOf(image, '/usr/lib/kiln/kubernetes.env');
  return Object.keys(network.components).flatMap((name) => {
    const artifact = plan.artifacts.find((each) => each.name === name);
    if (artifact === undefined) return [`the lock has no ${name}`];
    const placed = plan.files.filter((file) => 'artifact' in file && file.artifact === name);
    if (placed.length === 0) return [`${name} is put nowhere`];
    if (artifact.kind !== 'oci' || !name.startsWith('image/')) return [];
    const archived = placed.some(
      ({ path }) => path.startsWith('/usr/share/kiln/images/') && path.endsWith('.tar'),
    );
    const reference = imageReference(artifact);
    return [
      ...(archived ? [] : [`${name} is not among the images the node imports`]),
      ...(environment.includes(`=${reference}\n`) ? [] : [`no unit is told ${reference}`]),
    ];
  });
}

function contentOf({ files }: Image, path: string): string {
  const file = files.get(path);
  return file !== undefined && 'content' in file ? file.content : '';
}
