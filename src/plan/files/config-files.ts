import { imageReference } from '../../lock/image-reference.js';
import { apiServiceAddress, clusterDns } from '../addresses.js';
import { pauseImage } from '../pause-image.js';
import type { PlanInput } from '../plan-input.js';
import { ports } from '../ports.js';
import { roles } from '../roles.js';
import type { PlannedFile, PlannedUser } from '../types.js';
import { certificateTable } from './certificate-table.js';

/** What the units and scripts read: the cluster's constants, the arguments of this minor, the tables of roles and certificates. */
export function configFiles(input: PlanInput): PlannedFile[] {
  return [
    file('/usr/lib/kiln/kubernetes.env', environment(input)),
    file('/usr/lib/kiln/roles', roleTable(input)),
    file('/usr/lib/kiln/certificates', certificateTable(input)),
    file('/usr/lib/sysusers.d/kiln.conf', input.users.map(sysusersLine).join('')),
  ];
}

/** Kubernetes' own values (component-base config defaults); `cluster.env` may slow them down. */
const LEADER_ELECTION = { KUBE_LEASE_DURATION: '15s', KUBE_RENEW_DEADLINE: '10s', KUBE_RETRY_PERIOD: '2s' };

/** An EnvironmentFile; arguments hold no spaces of their own, so that `$VAR` in a unit splits them right. */
function environment(input: PlanInput): string {
  const { spec, network, kubernetes } = input;
  const weave = input.lock.artifacts.find(({ name }) => name === 'image/weave-kube');
  const values: Record<string, string> = {
    KUBERNETES_VERSION: spec.kubernetes,
    POD_CIDR: spec.podCidr,
    SERVICE_CIDR: spec.serviceCidr,
    SERVICE_IP: apiServiceAddress(spec.serviceCidr),
    CLUSTER_DOMAIN: spec.clusterDomain,
    CLUSTER_DNS: clusterDns(spec.serviceCidr),
    ALLOCATE_NODE_CIDRS: String(network.allocateNodeCidrs),
    ...LEADER_ELECTION,
    KUBE_APISERVER_MINOR_ARGS: flags(kubernetes.args['kube-apiserver'], input),
    KUBE_CONTROLLER_MANAGER_MINOR_ARGS: flags(kubernetes.args['kube-controller-manager'], input),
    KUBE_SCHEDULER_MINOR_ARGS: flags(kubernetes.args['kube-scheduler'], input),
    KUBELET_MINOR_ARGS: flags(kubernetes.args.kubelet, input),
    KUBE_PROXY_MINOR_ARGS: flags(kubernetes.args['kube-proxy'], input),
    KUBE_ETCD_MINOR_ARGS: flags(kubernetes.args.etcd, input),
    ...(weave === undefined ? {} : { WEAVE_IMAGE: imageReference(weave) }),
  };
  const lines = Object.entries(values).map(
    ([name, value]) => `${name}=${value.includes(' ') ? `"${value}"` : value}\n`,
  );
  return lines.join('');
}

/** One line per role: role marker dns units aliases conflicts; lists by comma, `-` for none. */
function roleTable(input: PlanInput): string {
  const lines = roles(input).map(({ name, marker, units }) => {
    const { dns = '', aliases = [] } = input.roles[name] ?? {};
    return `${[name, marker, dns, list(units), list(aliases), list(conflicts(name, input))].join(' ')}\n`;
  });
  return `# role marker dns units aliases conflicts\n${lines.join('')}`;
}

/** Roles that cannot share a node with this one: two different units would listen on the same port. */
function conflicts(role: string, input: PlanInput): string[] {
  const table = ports(input);
  const own = table.filter((port) => port.roles.includes(role));
  const clashing = table.filter((other) =>
    own.some(
      (port) => port.port === other.port && port.protocol === other.protocol && port.unit !== other.unit,
    ),
  );
  return Object.keys(input.roles).filter(
    (name) => name !== role && clashing.some((port) => port.roles.includes(name)),
  );
}

/** `{pauseImage}` stands for the sandbox image, whose name depends on where the artifacts come from. */
function flags(args: Record<string, string>, input: PlanInput): string {
  return Object.entries(args)
    .map(([name, value]) => `--${name}=${value === '{pauseImage}' ? pauseImage(input) : value}`)
    .join(' ');
}

/** sysusers.d(5); the engines make the users while they build, so that their numbers are the same on every node. */
function sysusersLine({ name, home, description }: PlannedUser): string {
  return `u ${name} - ${JSON.stringify(description)} ${home}\n`;
}

function list(values: readonly string[]): string {
  return values.length === 0 ? '-' : values.join(',');
}

function file(path: string, content: string): PlannedFile {
  return { path, from: 'configuration', type: 'file', mode: '0644', owner: 'root:root', content };
}
