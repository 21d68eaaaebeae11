import type { LockedArtifact } from '../plan/types.js';

/** Where a registry's API lives under another host than the one in image names. */
const REGISTRY_NAMES: Readonly<Record<string, string>> = { 'registry-1.docker.io': 'docker.io' };

/**
 * The name containerd knows a baked image by, from its lock entry:
 * `https://registry.k8s.io/v2/pause/manifests/sha256:…` at version 3.9 → `registry.k8s.io/pause:3.9`.
 */
export function imageReference({ url, version }: Pick<LockedArtifact, 'url' | 'version'>): string {
  const { host, pathname } = new URL(url);
  const repository = /^\/v2\/(.+)\/manifests\/[^/]+$/.exec(pathname)?.[1];
  if (repository === undefined) throw new TypeError(`not the URL of an image manifest: ${url}`);
  return `${REGISTRY_NAMES[host] ?? host}/${repository}:${version}`;
}
