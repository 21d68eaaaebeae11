/** The certificate library: 0.2 s to load, so only where a certificate is made. It wants the reflection API to be there first. */
export async function loadX509(): Promise<typeof import('@peculiar/x509')> {
  await import('reflect-metadata');
  return await import('@peculiar/x509');
}
