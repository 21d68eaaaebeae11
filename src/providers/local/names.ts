import { homedir } from 'node:os';
import path from 'node:path';

/** Where network namespaces with a name are: ip-netns(8). */
const NAMESPACES = '/run/netns';

/** Where all local clusters are: `$XDG_STATE_HOME/kiln/clusters`, or below `~/.local/state`. */
export function clustersFolder(): string {
  const base = process.env.XDG_STATE_HOME;
  // The base directory specification has relative paths ignored.
  const state = base !== undefined && path.isAbsolute(base) ? base : path.join(homedir(), '.local', 'state');
  return path.join(state, 'kiln', 'clusters');
}

/** The folder with everything kiln keeps of one cluster. */
export function clusterFolder(name: string): string {
  return path.join(clustersFolder(), name);
}

/** The network namespace of a cluster. */
export function namespaceName(cluster: string): string {
  return `kiln-${cluster}`;
}

/** The file that stands for a namespace. */
export function namespaceFile(namespace: string): string {
  return path.join(NAMESPACES, namespace);
}

/** Where a node's disk, console, sockets and process id are. */
export function nodeFolder(folder: string, node: string): string {
  return path.join(folder, 'nodes', node);
}

/** The tap of the node with this address: unique in its namespace, and at most 12 characters of the 15 Linux allows. */
export function tapName(address: string): string {
  return `node-${address.split('.').slice(2).join('-')}`;
}

/** Files of one node, in its folder. */
export function nodeFiles(folder: string, node: string) {
  const own = nodeFolder(folder, node);
  return {
    folder: own,
    disk: path.join(own, 'disk.qcow2'),
    console: path.join(own, 'console.log'),
    /** What the programs that run the machine say. */
    log: path.join(own, 'machine.log'),
    pid: path.join(own, 'pid'),
    qmp: path.join(own, 'qmp'),
    serial: path.join(own, 'serial'),
    /** There when somebody asked the node to end. */
    stopped: path.join(own, 'stopped'),
    knownHosts: path.join(own, 'known_hosts'),
  };
}

/** Files of a cluster's network. */
export function networkFiles(folder: string) {
  const own = path.join(folder, 'network');
  return {
    folder: own,
    /** Hardware addresses and the addresses they get. */
    leases: path.join(own, 'dhcp-hosts', 'nodes'),
    names: path.join(own, 'hosts', 'nodes'),
    upstream: path.join(own, 'upstream'),
    dnsmasq: { config: path.join(own, 'dnsmasq.conf'), pid: path.join(own, 'dnsmasq.pid') },
    haproxy: {
      config: path.join(own, 'haproxy.cfg'),
      pid: path.join(own, 'haproxy.pid'),
      loaded: path.join(own, 'haproxy.loaded'),
    },
    slirp: { pid: path.join(own, 'slirp4netns.pid'), log: path.join(own, 'slirp4netns.log') },
  };
}

/** The key that logs in to the cluster's nodes. */
export function keyFile(folder: string): string {
  return path.join(folder, 'ssh', 'id_ed25519');
}
