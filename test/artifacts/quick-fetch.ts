import { existsSync, readdirSync } from 'node:fs';
import type { ExecutionContext } from 'ava';
import { cacheFolder } from '../../src/artifacts/cache.js';
import { type FetchOptions, fetchArtifacts } from '../../src/artifacts/fetch-artifacts.js';
import { KilnError } from '../../src/errors.js';
import { createGate } from '../../src/gate/gate.js';

/** A busy machine may let a local server wait for seconds; only the test of a stall has a short time for it. */
export const settings = { attempts: 3, firstDelay: 5, stallTimeout: 60_000 };

/** Fetches with short waits. */
export function fetch(
  options: Omit<FetchOptions, 'gate'> & Partial<FetchOptions>,
): Promise<Map<string, string>> {
  return fetchArtifacts({ gate: createGate({}), settings, ...options });
}

/** What the fetch was refused with. */
export async function failure(t: ExecutionContext, promise: Promise<unknown>): Promise<KilnError> {
  return (await t.throwsAsync(promise, { instanceOf: KilnError })) as KilnError;
}

/** What is kept of a download that did not end. */
export function partials(digest: string): string[] {
  const folder = cacheFolder('partial');
  if (!existsSync(folder)) return [];
  return readdirSync(folder).filter((name) => name.includes(digest.slice(7)));
}
