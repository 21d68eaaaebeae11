import type { Gate } from '../gate/gate.js';
import type { Progress } from '../progress.js';
import { findCached } from './cache.js';
import { copyFromMirror } from './copy-from-mirror.js';
import { DownloadProblem, type DownloadRequest, download, type NetworkSettings } from './download.js';
import { obeyProxySettings } from './obey-proxy-settings.js';

/** What all the blobs of one fetch share. */
export interface FetchSession {
  gate: Gate;
  mirror: string | undefined;
  offline: boolean;
  progress: Progress;
  settings: NetworkSettings | undefined;
  /** Hosts that could not be reached, with the reason: asked once, not once per artifact. */
  unreachable: Map<string, string>;
}

/** Bytes that are neither cached nor in the mirror, and no network may be asked. */
export class MissingBlob extends Error {
  constructor(readonly request: DownloadRequest) {
    super(`${request.name} is not in the cache or the mirror`);
  }
}

/**
 * One file by URL and digest: from the cache, the mirror or the network, in this order. Returns its path in the cache, or
 * `undefined` in a dry run that finds it in none of the first two.
 *
 * @throws MissingBlob, DownloadProblem; KilnError DIGEST_MISMATCH, DISK_FULL, OUT_DIR_UNWRITABLE
 */
export async function fetchBlob(
  request: DownloadRequest,
  session: FetchSession,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { gate, mirror, offline } = session;
  const cached = await findCached(request.digest, signal);
  if (cached !== undefined) return cached;
  const onBytes = (received: number, total: number | undefined): void =>
    session.progress.bytes(request.name, received, total);
  if (mirror !== undefined) {
    const copied = await copyFromMirror({ request, mirror, signal, onBytes });
    if (copied !== undefined) return copied;
  }
  if (offline) throw new MissingBlob(request);
  return await gate.perform({ verb: 'download', target: request.url, reason: request.name }, () =>
    downloadFromHost(request, session, signal, onBytes),
  );
}

async function downloadFromHost(
  request: DownloadRequest,
  { settings, unreachable }: FetchSession,
  signal: AbortSignal,
  onBytes: (received: number, total: number | undefined) => void,
): Promise<string> {
  const { host, hostname } = new URL(request.url);
  // RFC 2606 keeps .invalid from ever being a real name: kiln uses it for what it made itself.
  if (hostname.endsWith('.invalid')) throw new DownloadProblem(request, 'only a mirror can hold it', false);
  const known = unreachable.get(host);
  if (known !== undefined) throw new DownloadProblem(request, known, false);
  obeyProxySettings();
  try {
    return await download({ request, signal, onBytes, ...(settings === undefined ? {} : { settings }) });
  } catch (error) {
    if (error instanceof DownloadProblem && !error.reason.startsWith('HTTP '))
      unreachable.set(host, error.reason);
    throw error;
  }
}
