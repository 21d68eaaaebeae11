import {
  listKubernetes,
  listNetworks,
  listOs,
  loadKubernetes,
  loadNetwork,
  loadOs,
  loadRoles,
} from '../../catalog/load-catalog.js';
import { KilnError } from '../../errors.js';
import { supportMatrix } from '../../plan/verdicts/support-matrix.js';
import { DEFAULTS } from '../../spec/defaults.js';
import { formatTable, printResult } from '../print.js';

const LISTS: Record<string, (out: string) => Promise<[unknown[], string[][]]>> = {
  os: async () => listOperatingSystems(),
  kubernetes: async () => listMinors(),
  networks: async () => listAllNetworks(),
  roles: async () => listAllRoles(),
  images: async (out) => (await import('./list-images.js')).listImageRows(out),
};

/** `bake list KIND`. @throws KilnError UNKNOWN_NAME for a kind that is none. */
export async function runList(
  kind: string,
  options: { out?: string | undefined; json?: true | undefined },
): Promise<void> {
  const list = LISTS[kind];
  if (list === undefined) {
    throw new KilnError('UNKNOWN_NAME', `Nothing is listed under ${JSON.stringify(kind)}`, {
      hint: `One of: ${Object.keys(LISTS).join(', ')}.`,
    });
  }
  const [result, rows] = await list(options.out ?? DEFAULTS.out);
  printResult(result, formatTable(rows), options);
}

/** Each OS with the newest minor it is good for, and how many minors carry which verdict there. */
function listOperatingSystems(): [unknown[], string[][]] {
  const all = listOs().map((name) => ({ ...loadOs(name), kubernetesVerdicts: supportMatrix(name) }));
  const rows = all.map((os) => [
    os.name,
    os.title,
    `kernel ${os.facts.kernel}`,
    `systemd ${os.facts.systemd}`,
    `cgroup ${os.facts.cgroup}`,
    os.engines.join('+'),
    `Kubernetes ${os.kubernetes.default}`,
    summary(os.kubernetesVerdicts),
  ]);
  return [all, rows];
}

function summary(verdicts: Record<string, { verdict: string }>): string {
  const minors = (verdict: string): string[] =>
    Object.entries(verdicts)
      .filter(([, entry]) => entry.verdict === verdict)
      .map(([minor]) => minor);
  const refused = minors('refused');
  return refused.length === 0
    ? 'refuses none'
    : `refuses ${refused[0]}${refused.length > 1 ? `…${refused.at(-1)}` : ''}`;
}

function listMinors(): [unknown[], string[][]] {
  const all = listKubernetes().map(loadKubernetes);
  const rows = all.map(({ minor, version, endOfLife, components }) => [
    minor,
    version,
    `until ${endOfLife}`,
    `etcd ${components.etcd}`,
    `runc ${components.runc}`,
  ]);
  return [all, rows];
}

function listAllNetworks(): [unknown[], string[][]] {
  const all = listNetworks().map(loadNetwork);
  const rows = all.map(({ name, kubernetes, description }) => [
    name,
    `${kubernetes.min} to ${kubernetes.max ?? 'newest'}`,
    description,
  ]);
  return [all, rows];
}

function listAllRoles(): [unknown[], string[][]] {
  const all = Object.entries(loadRoles()).map(([name, role]) => ({ name, ...role }));
  const rows = all.map(({ name, aliases, marker, description }) => [
    name,
    aliases.join(' '),
    marker,
    description,
  ]);
  return [all, rows];
}
