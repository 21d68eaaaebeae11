import { loadIdentityCatalog } from '../catalog/identity.js';
import type { Identity } from './identity.js';
import { issueClientCertificate } from './issue-client-certificate.js';

/**
 * A kubeconfig for the cluster's administrator, with everything embedded; the text is a secret. Each call issues a new
 * certificate, which is also how one that ends soon is renewed; those before stay valid until they end.
 *
 * @param server URL of the API, e.g. `https://127.0.0.1:6443`.
 * @throws KilnError IDENTITY_INVALID when the cluster's authority has expired.
 */
export async function adminKubeconfig({
  identity,
  cluster,
  server,
  now = new Date(),
}: {
  identity: Identity;
  cluster: string;
  server: string;
  now?: Date;
}): Promise<string> {
  const { dump } = await import('js-yaml');
  const authority = {
    certificate: identity['kubernetes.crt'] ?? '',
    key: identity['kubernetes.key'] ?? '',
  };
  const { commonName, organization, days } = loadIdentityCatalog().administrator;
  const { certificate, key } = await issueClientCertificate({
    authority,
    commonName,
    organization,
    days,
    now,
  });
  // Named after the cluster, so that several files can be used together in one KUBECONFIG.
  const user = `${cluster}-administrator`;
  const content = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': cluster,
    clusters: [
      { name: cluster, cluster: { server, 'certificate-authority-data': base64(authority.certificate) } },
    ],
    users: [
      {
        name: user,
        user: { 'client-certificate-data': base64(certificate), 'client-key-data': base64(key) },
      },
    ],
    contexts: [{ name: cluster, context: { cluster, user } }],
  };
  return dump(content, { lineWidth: -1 });
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
