import { unexpected } from './check.js';
import type { Kubectl } from './kubectl.js';
import { LABEL, NAMESPACE } from './manifests.js';
import type { KubernetesObject } from './objects.js';

/** Label on a node the test has cordoned. */
export const DRAINED = 'kiln-smoke/drained';

/** Undoes everything a run of the test, this one or one that was killed, has done to the cluster. */
export async function tidy(kubectl: Kubectl): Promise<string> {
  await uncordonDrained(kubectl);
  return (await removeNamespace(kubectl)) ? `namespace ${NAMESPACE} deleted` : 'nothing was left';
}

export async function uncordonDrained(kubectl: Kubectl): Promise<void> {
  const args = ['get', 'nodes', `--selector=${DRAINED}`, '--output=name'];
  const names = (await kubectl.run('find nodes the test cordoned', args)).split('\n').filter(Boolean);
  for (const name of names) {
    const node = name.replace(/^node\//, '');
    await kubectl.run(`uncordon ${node}`, ['uncordon', node]);
    await kubectl.run(`unmark ${node}`, ['label', 'node', node, `${DRAINED}-`]);
  }
}

/** Deletes the test's namespace and waits until it is gone; whether there was one. @throws when it is somebody else's. */
export async function removeNamespace(kubectl: Kubectl): Promise<boolean> {
  const args = ['get', 'namespace', NAMESPACE, '--ignore-not-found'];
  const found = await kubectl.json<KubernetesObject>(`look for the namespace ${NAMESPACE}`, args);
  if (found === null) return false;
  if (found.metadata.labels?.[LABEL.key] !== LABEL.value) {
    throw unexpected(`there is a namespace ${NAMESPACE} that this test did not make; it is left alone`);
  }
  await kubectl.run(`delete the namespace ${NAMESPACE}`, [
    'delete',
    'namespace',
    NAMESPACE,
    '--ignore-not-found',
  ]);
  return true;
}
