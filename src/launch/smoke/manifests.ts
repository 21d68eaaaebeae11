/** The namespace of the smoke test; deleted with all it holds. */
export const NAMESPACE = 'kiln-smoke';
/** On everything the test makes, the namespace too: what has no such label is not the test's to delete or drain. */
export const LABEL = { key: 'app.kubernetes.io/part-of', value: 'kiln-smoke' } as const;
export const SELECTOR = `${LABEL.key}=${LABEL.value}`;

/** Servers behind the service. */
export const REPLICAS = 2;
export const POD_PORT = 8080;
export const SERVICE_PORT = 80;
/** What the ConfigMap and the Secret hold; the Secret's is no secret. */
export const WORDS = { config: 'mounted from a ConfigMap', secret: 'mounted from a Secret' } as const;
export const MOUNTS = { config: '/etc/smoke/config', secret: '/etc/smoke/secret' } as const;
export const BUSYBOX = '/bin/busybox';

/** Each server answers with its own pod's name. Applets by their full path: not every busybox finds its own by name. */
const SERVE = `${BUSYBOX} mkdir -p /tmp/www && echo "$POD_NAME" > /tmp/www/index.html && echo "serving $POD_NAME" &&
exec ${BUSYBOX} httpd -f -p ${POD_PORT} -h /tmp/www`;

type Manifest = Record<string, unknown>;

/**
 * Everything the test puts into a cluster, in the order it is applied: API versions that every Kubernetes from 1.20 to
 * 1.37 serves. `pull`: whether a node without the image may fetch it from its registry.
 */
export function smokeManifests({ image, pull }: { image: string; pull: boolean }): Manifest[] {
  return [
    namespace(),
    object('v1', 'ConfigMap', 'config', { data: { word: WORDS.config } }),
    object('v1', 'Secret', 'secret', { type: 'Opaque', stringData: { word: WORDS.secret } }),
    object('v1', 'Service', 'web', {
      spec: {
        type: 'NodePort',
        selector: { app: 'web' },
        ports: [{ name: 'http', port: SERVICE_PORT, targetPort: POD_PORT }],
      },
    }),
    deployment('web', REPLICAS, { image, pull, command: [BUSYBOX, 'sh', '-c', SERVE], serves: true }),
    deployment('client', 1, { image, pull, command: [BUSYBOX, 'sleep', '86400'], serves: false }),
  ];
}

function namespace(): Manifest {
  return {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: {
      name: NAMESPACE,
      // Where the cluster's default is `restricted`: the pods keep all of it but the seccomp profile, which not every kernel has.
      labels: { [LABEL.key]: LABEL.value, 'pod-security.kubernetes.io/enforce': 'baseline' },
    },
  };
}

function object(apiVersion: string, kind: string, name: string, content: Manifest): Manifest {
  const labels = { [LABEL.key]: LABEL.value };
  return { apiVersion, kind, metadata: { name, namespace: NAMESPACE, labels }, ...content };
}

interface Container {
  image: string;
  pull: boolean;
  command: string[];
  serves: boolean;
}

function deployment(name: string, replicas: number, container: Container): Manifest {
  return object('apps/v1', 'Deployment', name, {
    spec: {
      replicas,
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name, [LABEL.key]: LABEL.value } },
        spec: podSpec(container),
      },
    },
  });
}

function podSpec({ image, pull, command, serves }: Container): Manifest {
  return {
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    // A shell that is process 1 does not hear SIGTERM.
    terminationGracePeriodSeconds: 1,
    securityContext: { runAsNonRoot: true, runAsUser: 65534, runAsGroup: 65534 },
    affinity: apartFromServers(),
    containers: [
      {
        name: 'busybox',
        image,
        imagePullPolicy: pull ? 'IfNotPresent' : 'Never',
        command,
        env: [{ name: 'POD_NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }],
        securityContext: {
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        },
        volumeMounts: [
          { name: 'tmp', mountPath: '/tmp' },
          { name: 'config', mountPath: MOUNTS.config, readOnly: true },
          { name: 'secret', mountPath: MOUNTS.secret, readOnly: true },
        ],
        ...(serves ? { readinessProbe: readinessProbe() } : {}),
      },
    ],
    volumes: [
      { name: 'tmp', emptyDir: {} },
      { name: 'config', configMap: { name: 'config' } },
      { name: 'secret', secret: { secretName: 'secret' } },
    ],
  };
}

/** Spread over the nodes where there are several; still all run where there is one. */
function apartFromServers(): Manifest {
  const term = { labelSelector: { matchLabels: { app: 'web' } }, topologyKey: 'kubernetes.io/hostname' };
  return {
    podAntiAffinity: {
      preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 100, podAffinityTerm: term }],
    },
  };
}

/** The kubelet's own default of one second is short for an emulated machine. */
function readinessProbe(): Manifest {
  return {
    httpGet: { path: '/', port: POD_PORT },
    periodSeconds: 2,
    timeoutSeconds: 20,
    failureThreshold: 10,
  };
}
