const ALGORITHMS: Readonly<Record<number, string>> = { 64: 'sha256', 128: 'sha512' };

/**
 * The digests of a publisher's checksum file by file name: `<hex>  name` lines, BSD's `SHA256 (name) = <hex>`, or the bare
 * hex of the one file it belongs to, which goes by the name ''. Clear-signed text may surround the lines.
 */
export function parseChecksums(text: string): Map<string, string> {
  const digests = new Map<string, string>();
  for (const line of text.split(/\r?\n/)) {
    const gnu = /^([0-9a-f]{64}|[0-9a-f]{128})(?:\s+\*?(?:\.\/)?(\S+))?\s*$/i.exec(line);
    const bsd = /^SHA(?:256|512) \((.+)\) = ([0-9a-f]{64}|[0-9a-f]{128})\s*$/i.exec(line);
    const [name, hex] = bsd === null ? [gnu?.[2] ?? '', gnu?.[1]] : [bsd[1] ?? '', bsd[2]];
    if (hex !== undefined) digests.set(name, `${ALGORITHMS[hex.length]}:${hex.toLowerCase()}`);
  }
  return digests;
}

/** The digest of the file at `url` in a checksum file; `undefined` when the list does not name it. */
export function checksumOf(url: string, text: string): string | undefined {
  const digests = parseChecksums(text);
  const name = url.slice(url.lastIndexOf('/') + 1);
  // Some lists name the file by the path it was built at.
  const listed = [...digests].find(([key]) => key === name || key.endsWith(`/${name}`));
  return listed?.[1] ?? (digests.size === 1 ? digests.get('') : undefined);
}
