import { loadRoles } from '../../../catalog/load-catalog.js';
import { loadPort } from '../../../catalog/load-port.js';
import { loadLocalCatalog } from '../../../catalog/local.js';
import type { Cluster, ClusterNode } from '../../../launch/types.js';
import { networkFiles } from '../names.js';

/** Domain of all clusters; nothing in it is ever asked elsewhere. */
const DOMAIN = 'k8s';

/** dnsmasq's configuration: addresses by hardware address, and the cluster's names. Source: dnsmasq(8), 2.90. */
export function renderDnsmasq({ folder, name }: { folder: string; name: string }): string {
  const { bridge, address, netmask, firstNode } = loadLocalCatalog().network;
  const files = networkFiles(folder);
  return lines([
    // Its folder is root's alone, and it reads from it as nodes come and go.
    'user=root',
    'group=root',
    `interface=${bridge}`,
    'except-interface=lo',
    'bind-interfaces',
    'no-resolv',
    'no-hosts',
    `servers-file=${quote(files.upstream)}`,
    `local=/${DOMAIN}/`,
    `domain=${name}.${DOMAIN}`,
    `hostsdir=${quote(folderOf(files.names))}`,
    `dhcp-hostsdir=${quote(folderOf(files.leases))}`,
    // Only nodes that are known get an address, and always the same, whatever their clients call themselves.
    `dhcp-range=${firstNode},static,${netmask},12h`,
    'dhcp-ignore-clid',
    'dhcp-authoritative',
    'leasefile-ro',
    `dhcp-option=option:router,${address}`,
    `dhcp-option=option:dns-server,${address}`,
    `dhcp-option=option:domain-search,${name}.${DOMAIN}`,
  ]);
}

/** A line of dnsmasq's dhcp-hostsdir for each node. */
export function renderLeases(nodes: readonly ClusterNode[]): string {
  return lines(nodes.map(({ mac, address }) => `${mac},${address}`));
}

/** A hosts file: each node's own name, and its address below the name of each of its roles. */
export function renderNames({ name, etcd, nodes }: Pick<Cluster, 'name' | 'etcd' | 'nodes'>): string {
  const roles = loadRoles();
  return lines(
    nodes.flatMap((node) => {
      const stacked = node.roles.includes('master') && etcd.placement === 'stacked' ? ['etcd'] : [];
      const labels = [...new Set([...node.roles, ...stacked])].flatMap((role) => roles[role]?.dns ?? []);
      return [node.name, ...labels].map((label) => `${node.address} ${label}.${name}.${DOMAIN}`);
    }),
  );
}

/**
 * haproxy's configuration: one port on the host's loopback in front of the masters, which it reaches through the
 * cluster's namespace. Source: HAProxy 2.6 configuration manual.
 */
export function renderHaproxy({ network, nodes }: Pick<Cluster, 'network' | 'nodes'>): string {
  const masters = nodes.filter(({ roles }) => roles.includes('master'));
  const port = loadPort('kube-apiserver.service', '0.0.0.0');
  return lines([
    'global',
    '  nbthread 1',
    '  maxconn 2000',
    // A watch lasts for hours; a reload must not leave a process behind for each.
    '  hard-stop-after 10s',
    'defaults',
    '  mode tcp',
    '  timeout connect 3s',
    '  timeout check 3s',
    '  timeout client 1h',
    '  timeout server 1h',
    '  timeout tunnel 24h',
    'frontend api',
    `  bind 127.0.0.1:${network.apiPort}`,
    '  default_backend masters',
    'backend masters',
    '  option httpchk GET /readyz',
    // Before Kubernetes 1.32 health paths cannot be opened to anybody alone: a refusal is an answer all the same.
    '  http-check expect rstatus ^(200|401)$',
    '  option redispatch',
    ...masters.map(
      (node) =>
        `  server ${node.name} ${node.address}:${port} namespace ${network.namespace} ` +
        'check check-ssl verify none inter 1s fall 2 rise 1 on-marked-down shutdown-sessions',
    ),
  ]);
}

/** Where dnsmasq asks for names that are not the cluster's. */
export function renderUpstream(hasWayOut: boolean): string {
  return hasWayOut ? lines([`server=${loadLocalCatalog().wayOut.nameServer}`]) : '';
}

function folderOf(file: string): string {
  return file.slice(0, file.lastIndexOf('/'));
}

/** dnsmasq takes what stands in quotation marks as it is. */
function quote(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}

function lines(all: readonly string[]): string {
  return all.map((line) => `${line}\n`).join('');
}
