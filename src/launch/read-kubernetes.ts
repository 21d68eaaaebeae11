import type { KubeApi } from './kube-api.js';

/** What the API says of itself and of its nodes. */
export interface KubernetesState {
  /** `ready`: it serves; `not ready`: it answers, and says what fails; `unreachable`: nothing answers. */
  api: { state: 'ready' | 'not ready' | 'unreachable'; detail: string | null };
  /** By name; `undefined` when the API did not say. */
  nodes: ReadonlyMap<string, KubernetesNode> | undefined;
}

export interface KubernetesNode {
  ready: boolean;
  /** Of its kubelet, `v1.20.2`. */
  version: string;
  /** Why it is not ready, as its kubelet puts it. */
  reason: string | null;
  /** ISO 8601, UTC: when its kubelet last said whether it is ready; at every start, then every few minutes. */
  heard: string | null;
}

interface NodeList {
  items: {
    metadata: { name: string };
    status: {
      conditions?: { type: string; status: string; message?: string; lastHeartbeatTime?: string | null }[];
      nodeInfo: { kubeletVersion: string };
    };
  }[];
}

/** A master gives the permissions once its API serves. */
const NOT_PERMITTED = 'the administrator has no permissions yet: kube-addons has not run';

/** Asks for readiness and nodes; never rejects, since a cluster that is down has a state too. */
export async function readKubernetes(api: KubeApi): Promise<KubernetesState> {
  try {
    const { status, body } = await api.get('/readyz?verbose');
    const nodes = await readNodes(api);
    if (status === 200) return { api: { state: 'ready', detail: null }, nodes };
    const detail = status === 403 ? NOT_PERMITTED : failedChecks(body);
    return { api: { state: 'not ready', detail }, nodes };
  } catch (error) {
    return { api: { state: 'unreachable', detail: connectProblem(error) }, nodes: undefined };
  }
}

async function readNodes(api: KubeApi): Promise<KubernetesState['nodes']> {
  const { status, body } = await api.get('/api/v1/nodes').catch(() => ({ status: 0, body: '' }));
  if (status !== 200) return undefined;
  const { items } = JSON.parse(body) as NodeList;
  return new Map(items.map(({ metadata, status }) => [metadata.name, nodeOf(status)]));
}

function nodeOf({ conditions, nodeInfo }: NodeList['items'][number]['status']): KubernetesNode {
  const condition = conditions?.find(({ type }) => type === 'Ready');
  const ready = condition?.status === 'True';
  return {
    ready,
    version: nodeInfo.kubeletVersion,
    reason: ready ? null : (condition?.message ?? null),
    heard: condition?.lastHeartbeatTime ?? null,
  };
}

/** The lines `[-]etcd failed: reason withheld` of a readiness report, by name. */
function failedChecks(report: string): string {
  const names = [...report.matchAll(/^\[-\](\S+)/gm)].map(([, name]) => name);
  return names.length > 0 ? names.join(', ') : (report.trim().split('\n')[0] ?? '');
}

/** A person knows what "connection refused" is; the rest says itself. */
function connectProblem(error: unknown): string {
  const { code, message, name } = error as NodeJS.ErrnoException;
  if (code === 'ECONNREFUSED') return 'connection refused';
  // What a load balancer without a server behind it does.
  if (code === 'ECONNRESET') return 'no API server behind it answers';
  return name === 'TimeoutError' || name === 'AbortError' ? 'no answer in time' : message;
}
