import type { Arch } from '../../plan/types.js';
import { cacheFolder } from '../cache.js';

/** Where `bake fetch --source debian` makes its mirror unless told otherwise. */
export function defaultDebianMirror(arch: Arch, suite = 'bookworm'): string {
  return cacheFolder('mirrors', `debian-${suite}-${arch}`);
}
