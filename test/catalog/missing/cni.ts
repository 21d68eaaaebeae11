import type { Network } from '../../../src/catalog/network.js';
import { contentOf, type Image, isBinary } from './image.js';

/** The CNI configuration, where somebody reads it, and every plugin it names, as a binary from an artifact. */
export function cniPieces(image: Image): string[] {
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
