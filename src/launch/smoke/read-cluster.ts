import { unexpected } from './check.js';
import type { Kubectl } from './kubectl.js';
import { BUSYBOX, NAMESPACE } from './manifests.js';
import type { NodeObject, PodObject, ServiceObject } from './objects.js';

interface List<T> {
  items: T[];
}

export async function readNodes(kubectl: Kubectl): Promise<NodeObject[]> {
  const list = await kubectl.json<List<NodeObject>>('list the nodes', ['get', 'nodes']);
  return list?.items ?? [];
}

/** The pods of one of the test's deployments that are not going away. */
export async function readPods(kubectl: Kubectl, app: 'web' | 'client'): Promise<PodObject[]> {
  const args = ['get', 'pods', `--namespace=${NAMESPACE}`, `--selector=app=${app}`];
  const list = await kubectl.json<List<PodObject>>(`list the pods of ${app}`, args);
  return (list?.items ?? []).filter(({ metadata }) => metadata.deletionTimestamp === undefined);
}

export async function readService(
  kubectl: Kubectl,
  { name, namespace }: { name: string; namespace: string },
): Promise<ServiceObject | null> {
  const args = ['get', 'service', name, `--namespace=${namespace}`, '--ignore-not-found'];
  return await kubectl.json<ServiceObject>(`read the service ${name}`, args);
}

export async function readClient(kubectl: Kubectl): Promise<PodObject> {
  const [client] = await readPods(kubectl, 'client');
  if (client === undefined) throw unexpected('the pod that asks the others is gone');
  return client;
}

/** Runs a busybox applet in the client pod and returns what it prints. */
export async function inClient(kubectl: Kubectl, words: readonly string[]): Promise<string> {
  const { metadata } = await readClient(kubectl);
  const args = ['exec', `--namespace=${NAMESPACE}`, metadata.name, '--', BUSYBOX, ...words];
  return await kubectl.run(`run ${words.join(' ')} in the pod ${metadata.name}`, args);
}

/**
 * The busybox words that print what is at a URL. Not `wget -T`: Debian's static busybox 1.35 crashes on that option.
 */
export function fetchWords(url: string): string[] {
  return ['timeout', '20', BUSYBOX, 'wget', '-q', '-O', '-', url];
}

/** What the client pod gets from a URL. */
export async function fetchInClient(kubectl: Kubectl, url: string): Promise<string> {
  return (await inClient(kubectl, fetchWords(url))).trim();
}
