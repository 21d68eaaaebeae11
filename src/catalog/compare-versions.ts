/**
 * Orders dotted version numbers part by part (1.9 < 1.10); what follows a `-`, `~` or `+` is ignored, and a missing part
 * counts as 0. For upstream versions of kernels, systemd, Kubernetes; not for distribution package versions.
 */
export function compareVersions(left: string, right: string): number {
  const [a, b] = [parts(left), parts(right)];
  for (let index = 0; index < Math.max(a.length, b.length); index += 1) {
    const difference = (a[index] ?? 0) - (b[index] ?? 0);
    if (difference !== 0) return Math.sign(difference);
  }
  return 0;
}

export function isOlder(version: string, than: string): boolean {
  return compareVersions(version, than) < 0;
}

/** `1.29.15` → `1.29`. */
export function minorOf(version: string): string {
  return version.split('.').slice(0, 2).join('.');
}

function parts(version: string): number[] {
  return (version.split(/[-~+]/)[0] ?? '').split('.').map(Number);
}
