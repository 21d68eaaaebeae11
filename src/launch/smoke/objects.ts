/** The few fields of Kubernetes objects the smoke test reads; the same in every minor. */
export interface KubernetesObject {
  metadata: { name: string; labels?: Record<string, string>; deletionTimestamp?: string };
}

export interface NodeObject extends KubernetesObject {
  spec: { unschedulable?: boolean; taints?: { effect: string; key: string }[] };
  status: {
    conditions?: { type: string; status: string; message?: string }[];
    addresses?: { type: string; address: string }[];
  };
}

export interface PodObject extends KubernetesObject {
  spec: { nodeName?: string };
  status: {
    podIP?: string;
    conditions?: { type: string; status: string; reason?: string; message?: string }[];
    containerStatuses?: { state?: { waiting?: { reason?: string; message?: string } } }[];
  };
}

export interface ServiceObject extends KubernetesObject {
  spec: { clusterIP: string; ports: { port: number; nodePort?: number }[] };
}

export function isReady({ status }: NodeObject | PodObject): boolean {
  return (status.conditions ?? []).some(
    (condition) => condition.type === 'Ready' && condition.status === 'True',
  );
}

/** Whether a pod without tolerations may be put there now. */
export function isSchedulable(node: NodeObject): boolean {
  const taints = node.spec.taints ?? [];
  return (
    isReady(node) &&
    node.spec.unschedulable !== true &&
    !taints.some(({ effect }) => effect !== 'PreferNoSchedule')
  );
}

export function addressOf(node: NodeObject): string | undefined {
  return node.status.addresses?.find(({ type }) => type === 'InternalIP')?.address;
}

/** Why a pod is not ready, as the API tells it: `ErrImageNeverPull: …`, `0/2 nodes are available: …`. */
export function whyNotReady({ status }: PodObject): string {
  const waiting = status.containerStatuses
    ?.map(({ state }) => state?.waiting)
    .find((state) => state !== undefined);
  if (waiting !== undefined) return [waiting.reason, waiting.message].filter(Boolean).join(': ');
  const unmet = status.conditions?.find(
    (condition) => condition.status === 'False' && condition.message !== undefined,
  );
  return unmet?.message ?? 'not ready yet, and the API gives no reason';
}
