import { createHash, type Hash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { KilnError } from '../errors.js';
import { admitToCache } from './cache.js';
import { hashFile, parseDigest } from './digest.js';
import { errorCode, fileProblem } from './file-problem.js';
import { fetchWithToken } from './oci/fetch-with-token.js';
import { claimPartial, releasePartial, sizeOf } from './partial-file.js';

export interface DownloadRequest {
  /** For people: the artifact the bytes belong to. */
  name: string;
  url: string;
  digest: string;
  headers?: Readonly<Record<string, string>>;
}

/** Milliseconds, except `attempts`: failures in a row without one new byte before giving up. */
export interface NetworkSettings {
  attempts: number;
  firstDelay: number;
  stallTimeout: number;
}

export const NETWORK_SETTINGS: NetworkSettings = { attempts: 5, firstDelay: 500, stallTimeout: 30_000 };

/** A server that hands out a few bytes per connection would otherwise be asked for ever. */
const MAX_CONNECTIONS = 50;
const MAX_DELAY = 20_000;
/** Busy or broken for now; any other 4xx is an answer. */
const TRANSIENT_STATUSES = new Set([408, 425, 429]);
/** No such name: asking again within seconds does not help, unlike EAI_AGAIN. */
const FINAL_NETWORK_ERRORS = new Set(['ENOTFOUND']);

/** A download that did not come: the server's or the network's fault, not the bytes'. */
export class DownloadProblem extends Error {
  constructor(
    readonly request: DownloadRequest,
    readonly reason: string,
    readonly isTransient: boolean,
  ) {
    super(`${request.url}: ${reason}`);
  }
}

/**
 * Downloads one file into the cache and returns its path there. Streams to disk; resumes what an earlier try left; waits
 * longer after each failure, with jitter, so that many machines do not come back at once.
 *
 * @throws DownloadProblem; KilnError DIGEST_MISMATCH (nothing is left), DISK_FULL, OUT_DIR_UNWRITABLE
 */
export async function download({
  request,
  signal,
  onBytes = () => {},
  settings = NETWORK_SETTINGS,
}: {
  request: DownloadRequest;
  signal: AbortSignal;
  onBytes?: (received: number, total: number | undefined) => void;
  settings?: NetworkSettings;
}): Promise<string> {
  const partial = await claimPartial(request.digest);
  try {
    await receive({ request, partial, signal, onBytes, settings });
    return await admitToCache(partial, request.digest);
  } catch (error) {
    await releasePartial(partial, request.digest);
    throw signal.aborted ? signal.reason : error;
  }
}

interface Transfer {
  request: DownloadRequest;
  partial: string;
  signal: AbortSignal;
  onBytes: (received: number, total: number | undefined) => void;
  settings: NetworkSettings;
}

async function receive(transfer: Transfer): Promise<void> {
  const { request, partial, signal, settings } = transfer;
  let failures = 0;
  for (let connection = 1; ; connection += 1) {
    const before = await sizeOf(partial);
    try {
      const { actual, wasResumed } = await receiveOnce(transfer, before);
      if (actual === request.digest) return;
      await rm(partial, { force: true });
      // The first part may have come from a broken proxy or an older file of that name: one clean try decides.
      if (!wasResumed) throw digestMismatch(request, actual);
    } catch (error) {
      const problem = classify(error, transfer);
      failures = (await sizeOf(partial)) > before ? 1 : failures + 1;
      const isOver = failures >= settings.attempts || connection >= MAX_CONNECTIONS;
      if (!(problem instanceof DownloadProblem) || !problem.isTransient || isOver) throw problem;
      await sleep(delay(failures, settings), undefined, { signal });
    }
  }
}

/** One connection: appends to the partial file and returns the digest of the whole. */
async function receiveOnce(
  transfer: Transfer,
  before: number,
): Promise<{ actual: string; wasResumed: boolean }> {
  const { request, partial, signal, settings } = transfer;
  const stall = new AbortController();
  const connectionSignal = AbortSignal.any([signal, stall.signal]);
  let total: number | undefined;
  const timer = setTimeout(() => stall.abort(), settings.stallTimeout);
  try {
    const headers = { ...request.headers, ...(before > 0 ? { range: `bytes=${before}-` } : {}) };
    const response = await fetchWithToken(request.url, { headers, signal: connectionSignal });
    const offset = await acceptResponse(response, transfer, before);
    total = totalBytes(response, offset);
    const { algorithm } = parseDigest(request.digest);
    const hash = createHash(algorithm);
    if (offset > 0) await hashFile(partial, hash, signal);
    const body = response.body === null ? Readable.from([]) : Readable.fromWeb(response.body);
    const meter = countAndHash({ hash, offset, onChunk: () => timer.refresh(), total, transfer });
    const file = createWriteStream(partial, { flags: offset > 0 ? 'a' : 'w' });
    await pipeline(body, meter, file, { signal: connectionSignal });
    const received = await sizeOf(partial);
    if (total !== undefined && received < total) throw truncated(request, received, total);
    return { actual: `${algorithm}:${hash.digest('hex')}`, wasResumed: offset > 0 };
  } catch (error) {
    if (stall.signal.aborted && !signal.aborted) {
      throw new DownloadProblem(request, `no data for ${settings.stallTimeout / 1000} s`, true);
    }
    throw isDiskError(error) ? fileProblem(error, path.dirname(partial), total) : error;
  } finally {
    clearTimeout(timer);
  }
}

/** Where in the file the response starts. @throws DownloadProblem for a status that brings no bytes. */
async function acceptResponse(
  response: Response,
  { request, partial }: Transfer,
  before: number,
): Promise<number> {
  const { status } = response;
  if (status === 206) {
    const start = Number(/^bytes (\d+)-/.exec(response.headers.get('content-range') ?? '')?.[1]);
    if (start === before) return before;
    await response.body?.cancel();
    await rm(partial, { force: true });
    throw new DownloadProblem(request, 'the server sent another part of the file than was asked for', true);
  }
  if (status === 200) return 0;
  await response.body?.cancel();
  // Nothing lies behind the end of what is here, so what is here is not the file.
  if (status === 416) await rm(partial, { force: true });
  const isTransient = status >= 500 || status === 416 || TRANSIENT_STATUSES.has(status);
  throw new DownloadProblem(request, `HTTP ${status} ${response.statusText}`.trim(), isTransient);
}

function totalBytes(response: Response, offset: number): number | undefined {
  const length = response.headers.get('content-length');
  return length === null || response.headers.has('content-encoding') ? undefined : Number(length) + offset;
}

function countAndHash({
  hash,
  offset,
  onChunk,
  total,
  transfer,
}: {
  hash: Hash;
  offset: number;
  onChunk: () => void;
  total: number | undefined;
  transfer: Transfer;
}): Transform {
  let received = offset;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      onChunk();
      hash.update(chunk);
      received += chunk.length;
      transfer.onBytes(received, total);
      done(null, chunk);
    },
  });
}

function truncated(request: DownloadRequest, received: number, total: number): DownloadProblem {
  return new DownloadProblem(request, `the connection ended after ${received} of ${total} bytes`, true);
}

/** Errors of the disk and interrupts pass; whatever else broke a transfer is the network's. */
function classify(error: unknown, { request, signal }: Transfer): unknown {
  if (signal.aborted) return signal.reason;
  if (error instanceof DownloadProblem || error instanceof KilnError || isDiskError(error)) return error;
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const code = errorCode(cause);
  const text = cause instanceof Error ? cause.message : String(cause);
  return new DownloadProblem(request, text === '' ? code : text, !FINAL_NETWORK_ERRORS.has(code));
}

/** A socket's `write` fails with a code of its own (EPIPE, ECONNRESET). */
function isDiskError(error: unknown): boolean {
  if (!(error instanceof Error && 'syscall' in error)) return false;
  return (
    ['open', 'write', 'writev'].includes(String(error.syscall)) && !/^E(PIPE|CONN)/.test(errorCode(error))
  );
}

function delay(failures: number, { firstDelay }: NetworkSettings): number {
  const longest = Math.min(MAX_DELAY, firstDelay * 2 ** (failures - 1));
  return longest / 2 + (Math.random() * longest) / 2;
}

/** The error every wrong digest ends in, wherever the bytes came from. */
export function digestMismatch(
  { name, url, digest }: Pick<DownloadRequest, 'name' | 'url' | 'digest'>,
  actual: string,
): KilnError {
  return new KilnError(
    'DIGEST_MISMATCH',
    `Wrong digest for ${name}\n  from     ${url}\n  expected ${digest}\n  actual   ${actual}`,
    {
      hint: 'The file was not kept. Either the source was tampered with or damaged, or the lock names other bytes: compare with the checksum the project publishes.',
    },
  );
}
