import { createPrivateKey } from 'node:crypto';
import { KilnError } from '../errors.js';
import { createKeyPair, KEY_ALGORITHM, SIGNATURE_ALGORITHM } from './create-key-pair.js';
import { loadX509 } from './load-x509.js';
import { validity } from './validity.js';

/**
 * A new key and the certificate of a client for it, signed by the authority (PEM in, PEM out). It ends with its authority at the latest.
 *
 * @throws KilnError IDENTITY_INVALID when the authority itself has expired.
 */
export async function issueClientCertificate({
  authority,
  commonName,
  organization,
  days,
  now,
}: {
  authority: { certificate: string; key: string };
  commonName: string;
  organization: string;
  days: number;
  now: Date;
}): Promise<{ certificate: string; key: string }> {
  const x509 = await loadX509();
  const issuer = new x509.X509Certificate(authority.certificate);
  if (issuer.notAfter <= now) throw expired(issuer);
  const { keys, privatePem } = await createKeyPair();
  const certificate = await x509.X509CertificateGenerator.create({
    subject: [{ O: [organization] }, { CN: [commonName] }],
    issuer: issuer.subjectName,
    ...validity({ now, days, latest: issuer.notAfter }),
    publicKey: keys.publicKey,
    signingKey: createPrivateKey(authority.key).toCryptoKey(KEY_ALGORITHM, false, ['sign']),
    signingAlgorithm: SIGNATURE_ALGORITHM,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.clientAuth]),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(issuer.publicKey),
    ],
  });
  return { certificate: `${certificate.toString('pem')}\n`, key: privatePem };
}

function expired({ subject, notAfter }: { subject: string; notAfter: Date }): KilnError {
  return new KilnError(
    'IDENTITY_INVALID',
    `The certificate authority ${subject} ended on ${notAfter.toISOString()}`,
    {
      hint: 'Nothing it signed is valid any more: launch a new cluster. If the date is wrong, mend the clock of this machine.',
    },
  );
}
