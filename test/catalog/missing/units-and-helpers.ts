import { parseUnit } from '../../../src/lint/parse-unit.js';
import { contentOf, type Image, scriptsOf, UNITS } from './image.js';
import { unsetVariables } from './variables.js';

/** Written at boot: by kube-role, by kube-identity, by the kubelet. */
const WRITTEN_AT_BOOT = new Set([
  '/run/kubernetes/node.env',
  '/run/kubernetes/cluster.env',
  '/var/lib/kubelet/pki/kubelet-client-current.pem',
]);

/** The unit, its link, its gates, and every file and variable its lines name. */
export function unitPieces(image: Image): string[] {
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

/** The helpers the unit starts, and those they hand on to the container. */
export function scriptPieces(image: Image): string[] {
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
