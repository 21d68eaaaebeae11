import { readFileSync } from 'node:fs';
import { repositoryPath } from '../../../src/repository.js';
import { contentOf, type Image } from './image.js';

/** Who speaks to the API has a credential of the identity and permissions among the addons. */
export function permissionPieces(image: Image): string[] {
  const { network, files } = image;
  const speaks = ['flannel', 'kube-router', 'routed'].includes(network.name);
  if (!speaks) return [];
  const kubeconfig = contentOf(image, '/usr/share/kiln/kubeconfig/node.kubeconfig');
  const authority = /certificate-authority: (\S+)/.exec(kubeconfig)?.[1] ?? '';
  const identity = readFileSync(repositoryPath('catalog/identity.yaml'), 'utf8');
  return [
    ...network.manifests
      .filter(({ file }) => !files.has(`/usr/share/kiln/addons/${file}`))
      .map(({ file }) => `no addon ${file}`),
    ...(network.manifests.length === 0 ? ['its agent has no permissions'] : []),
    ...(authority === '/etc/kubernetes/pki/kubelet/ca.crt' &&
    /minion:\n\s+kubelet: \{ ca\.crt:/.test(identity)
      ? []
      : [`node.kubeconfig names ${authority || 'no authority'}, which a minion's bundle does not hold`]),
  ];
}
