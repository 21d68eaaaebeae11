/**
 * The upstream version inside a Debian one: `1.6.20~ds1-1+deb12u3` → `1.6.20`, `1.20.5+really1.20.2-1.1` → `1.20.2`
 * (a package that went back to an older upstream keeps counting up and says so after `+really`).
 */
export function upstreamVersion(debianVersion: string): string {
  const version = debianVersion.replace(/^\d+:/, '').replace(/^.*\+really/, '');
  const upstream = /^\d+(\.\d+)*/.exec(version)?.[0];
  if (upstream === undefined) throw new RangeError(`not a Debian version: ${debianVersion}`);
  return upstream;
}
