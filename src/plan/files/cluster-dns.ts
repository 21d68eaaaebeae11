import { dump } from 'js-yaml';
import { readYaml } from '../../catalog/read-yaml.js';
import { imageReference } from '../../lock/image-reference.js';
import { clusterDns } from '../addresses.js';
import type { PlanInput } from '../plan-input.js';
import type { PlannedFile } from '../types.js';

/** CoreDNS as a master applies it, from the baked image; nothing where the lock has none, which a finding then says. */
export function clusterDnsFiles({ lock, spec }: PlanInput): PlannedFile[] {
  const artifact = lock.artifacts.find(({ name }) => name === 'image/coredns');
  if (artifact === undefined) return [];
  const { content } = readYaml('cluster-dns.yaml') as { content: object[] };
  const text = content.map((object) => dump(object, { lineWidth: -1, noRefs: true })).join('---\n');
  return [
    {
      path: '/usr/share/kiln/addons/50-cluster-dns.yaml',
      from: 'cluster DNS',
      type: 'file',
      mode: '0644',
      owner: 'root:root',
      content: text
        .replaceAll('{image}', imageReference(artifact))
        .replaceAll('{clusterDns}', clusterDns(spec.serviceCidr))
        .replaceAll('{clusterDomain}', spec.clusterDomain),
    },
  ];
}
