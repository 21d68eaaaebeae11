import { loadOs } from '../../../src/catalog/load-catalog.js';
import { imageReference } from '../../../src/lock/image-reference.js';
import { contentOf, type Image, isBinary, scriptsOf } from './image.js';

/** Which need of the OS (catalog/os) brings a program of the distribution that units and helpers call. */
const NEED_OF: Readonly<Record<string, string>> = {
  ip: 'network',
  iptables: 'iptables',
  ipset: 'ipset',
};

/** Programs its helpers and agent call: kiln's own by path, the distribution's by package. */
export function programPieces(image: Image): string[] {
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

/** Artifacts of the network are in the lock; an image is an archive the node imports, under the name the unit runs. */
export function imagePieces(image: Image): string[] {
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
