import { dump } from 'js-yaml';
import type { PlanInput } from '../plan-input.js';
import type { PlannedFile } from '../types.js';

const ADDON_FOLDER = '/usr/share/kiln/addons';

/** The chosen network's CNI configuration, files, and the manifests a master applies once. */
export function networkFiles({ network, spec }: PlanInput): PlannedFile[] {
  const files = network.files.map(({ path, mode, content }) =>
    file(path, content.replaceAll('{podCidr}', spec.podCidr), mode),
  );
  if (network.cniConfig !== undefined) {
    files.push(file(`/etc/cni/net.d/${network.cniConfig.file}`, json(network.cniConfig.content)));
  }
  if (network.containerdConfTemplate !== undefined) {
    files.push(file('/etc/containerd/cni.conflist.template', json(network.containerdConfTemplate)));
  }
  const manifests = network.manifests.map(({ file: name, content }) =>
    file(
      `${ADDON_FOLDER}/${name}`,
      content.map((object) => dump(object, { lineWidth: -1, noRefs: true })).join('---\n'),
    ),
  );
  return [...files, ...manifests];
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

function file(path: string, content: string, mode = '0644'): PlannedFile {
  return { path, from: 'network', type: 'file', mode, owner: 'root:root', content };
}
