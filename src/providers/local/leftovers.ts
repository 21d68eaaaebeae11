import { existsSync } from 'node:fs';
import { readFile, realpath } from 'node:fs/promises';
import path from 'node:path';
import { clusterFolder, namespaceFile, namespaceName } from './names.js';
import { type FoundProcess, findInNamespace, findPrograms } from './processes.js';

/** What there still is of a cluster: processes, its network, mounts, its folder; empty when it is gone. Only looks. */
export async function listLeftovers(name: string, folder: string = clusterFolder(name)): Promise<string[]> {
  const processes = await clusterProcesses(name, folder);
  const namespace = namespaceFile(namespaceName(name));
  return [
    ...processes.map(({ pid, name: program }) => `process ${pid} (${program})`),
    ...(existsSync(namespace) ? [`network namespace ${namespaceName(name)}`] : []),
    ...(await mountsBelow(folder)).map((place) => `mount ${place}`),
    ...(existsSync(folder) ? [`folder ${folder}`] : []),
  ];
}

/** Everything in the cluster's network, and kiln's programs elsewhere that work on its files. */
export async function clusterProcesses(name: string, folder: string): Promise<FoundProcess[]> {
  const namespace = namespaceName(name);
  // By the namespace's own name, or its file's, is how those are found that were just about to enter it.
  const entering = (await findPrograms(namespace)).filter(({ args }) =>
    [namespace, namespaceFile(namespace)].some((word) => args.includes(word)),
  );
  const found = [...(await findInNamespace(namespace)), ...(await findPrograms(`${folder}/`)), ...entering];
  return [...new Map(found.map((each) => [each.pid, each])).values()];
}

/**
 * The folder of the cluster that is in this network now, when another state folder has it: its programs name their files.
 * `undefined` when nobody is there, it is the cluster's own, or that folder is gone.
 */
export async function folderElsewhere(name: string, folder: string): Promise<string | undefined> {
  const own = await realpath(folder).catch(() => path.resolve(folder));
  const place = new RegExp(`(/[^=]*/kiln/clusters/${name})/`);
  for (const { args } of await findInNamespace(namespaceName(name))) {
    for (const other of args.flatMap((word) => place.exec(word)?.[1] ?? [])) {
      const there = await realpath(other).catch(() => undefined);
      if (there !== undefined && there !== own && existsSync(path.join(there, 'cluster.json'))) return there;
    }
  }
  return undefined;
}

/** Places in this namespace of mounts where something is mounted, the innermost first. */
export async function mountsBelow(folder: string): Promise<string[]> {
  const table = await readFile('/proc/self/mountinfo', 'utf8');
  const places = table.split('\n').map((line) => unescapeOctal(line.split(' ')[4] ?? ''));
  return places.filter((place) => place === folder || place.startsWith(`${folder}/`)).reverse();
}

/** Spaces and the like are octal in mountinfo: proc(5). */
function unescapeOctal(text: string): string {
  return text.replaceAll(/\\(\d{3})/g, (_match, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 8)),
  );
}
