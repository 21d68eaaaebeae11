import path from 'node:path';

/** Where a mirror keeps the bytes of a URL: `<mirror>/<host>/<path>`, the name a plain copy of the site would have. */
export function mirrorPath(mirror: string, url: string): string {
  const { host, pathname } = new URL(url);
  // The parser has resolved every "..", and an encoded slash stays encoded, so the result cannot leave the mirror.
  return path.join(mirror, host, pathname);
}
