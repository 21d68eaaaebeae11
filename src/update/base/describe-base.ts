import type { BaseImage } from '../../plan/types.js';

/** A base in a few words, of which two differ when the bases do. */
export function describeBase(base: BaseImage | null | undefined): string {
  if (base === null || base === undefined) return 'none';
  if (base.kind === 'ami') return `${base.id} ${base.name}`;
  if (base.kind === 'disk') return base.url.slice(base.url.lastIndexOf('/') + 1);
  const suites = base.archives?.flatMap((part) => part.suites).join('+') ?? base.suite ?? '';
  const state =
    base.digest === undefined ? '' : `, state ${base.digest.slice(7, 19)} of ${base.date?.slice(0, 10)}`;
  return `${base.url} ${suites}`.trimEnd() + state;
}
