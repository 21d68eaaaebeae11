import { createKeyPair, SIGNATURE_ALGORITHM } from './create-key-pair.js';
import { loadX509 } from './load-x509.js';
import { validity } from './validity.js';

/**
 * A new certificate authority, self-signed, that may sign leaves only (no authority below it). Both texts are PEM.
 *
 * Source of the profile: RFC 5280, 4.2.1.1 to 4.2.1.3 and 4.2.1.9.
 */
export async function createAuthority({
  commonName,
  organization,
  days,
  now,
}: {
  commonName: string;
  organization: string;
  days: number;
  now: Date;
}): Promise<{ certificate: string; key: string }> {
  const x509 = await loadX509();
  const { keys, privatePem } = await createKeyPair();
  const { digitalSignature, keyCertSign, cRLSign } = x509.KeyUsageFlags;
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: [{ O: [organization] }, { CN: [commonName] }],
    ...validity({ now, days }),
    keys,
    signingAlgorithm: SIGNATURE_ALGORITHM,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(digitalSignature | keyCertSign | cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { certificate: `${certificate.toString('pem')}\n`, key: privatePem };
}
