/** Names of the network interfaces in a namespace; none where there is no such namespace. Only looks. */
export async function readLinks(namespace: string): Promise<string[]> {
  const { execa } = await import('execa');
  const { stdout, failed } = await execa('ip', ['-n', namespace, '-json', 'link', 'show'], {
    reject: false,
    stdin: 'ignore',
    timeout: 10_000,
  });
  if (failed || stdout === '') return [];
  return (JSON.parse(stdout) as { ifname: string }[]).map(({ ifname }) => ifname);
}
