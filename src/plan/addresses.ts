/** By custom the tenth address of the service network; kubeadm and every example use it. */
const DNS_OFFSET = 10;

/** The API's own service address: the first of the service network. */
export function apiServiceAddress(serviceCidr: string): string {
  return addressAt(serviceCidr, 1);
}

/** The cluster DNS service's address. */
export function clusterDns(serviceCidr: string): string {
  return addressAt(serviceCidr, DNS_OFFSET);
}

/** The address `offset` after the network's own; IPv4 only. */
function addressAt(cidr: string, offset: number): string {
  const [network = ''] = cidr.split('/');
  const number = network.split('.').reduce((sum, part) => sum * 256 + Number(part), 0) + offset;
  return [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join('.');
}
