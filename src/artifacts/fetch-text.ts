import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { mirrorPath } from './mirror-path.js';
import { obeyProxySettings } from './obey-proxy-settings.js';
import { fetchWithToken } from './oci/fetch-with-token.js';

/** A list of releases has some 100 KB; a Debian index 200. */
const MAX_BYTES = 16 * 2 ** 20;
const ATTEMPTS = 3;
const PATIENCE = 30_000;
/** Asked by a machine that others share, it answers 60 times an hour, and with a token as often as is needed. */
const GITHUB = 'https://api.github.com';
const REDIRECTS = new Set([301, 302, 303, 307, 308]);
/** Busy or broken for now; any other 4xx is an answer. */
const TRANSIENT_STATUSES = new Set([408, 425, 429, 500, 502, 503, 504]);

/** Why a text could not be had. */
export class TextProblem extends Error {
  constructor(
    readonly url: string,
    readonly reason: string,
    readonly isTransient = false,
  ) {
    super(`${url}: ${reason}`);
  }
}

/**
 * A small text without a digest of its own: version files, checksum lists, signed indexes. From the mirror when it has it
 * (`<mirror>/<host>/<path>`, a folder's page as index.html), else over the network; what was asked for over TLS is never taken from elsewhere.
 *
 * @throws TextProblem
 */
export async function fetchText(
  url: string,
  {
    mirror,
    offline = false,
    signal,
    firstDelay = 500,
  }: {
    mirror?: string | undefined;
    offline?: boolean | undefined;
    signal: AbortSignal;
    /** Milliseconds before the second attempt. */
    firstDelay?: number;
  },
): Promise<string> {
  const mirrored = mirror === undefined ? undefined : await readMirrored(mirror, url);
  if (mirrored !== undefined) return mirrored;
  if (offline)
    throw new TextProblem(url, mirror === undefined ? 'offline' : 'offline, and not in the mirror');
  obeyProxySettings();
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await fetchOnce(url, signal);
    } catch (error) {
      signal.throwIfAborted();
      const problem = error instanceof TextProblem ? error : unreachable(url, error);
      if (!problem.isTransient || attempt >= ATTEMPTS) throw problem;
      await sleep(firstDelay * 2 ** (attempt - 1), undefined, { signal });
    }
  }
}

async function readMirrored(mirror: string, url: string): Promise<string | undefined> {
  const file = mirrorPath(mirror, url);
  return await readFile(url.endsWith('/') ? path.join(file, 'index.html') : file, 'utf8').catch(
    () => undefined,
  );
}

async function fetchOnce(url: string, signal: AbortSignal): Promise<string> {
  const timed = AbortSignal.any([signal, AbortSignal.timeout(PATIENCE)]);
  const token = gitHubToken(url);
  const response =
    token === undefined
      ? await fetchWithToken(url, { headers: {}, signal: timed })
      : await askGitHub(url, token, timed);
  if (!response.ok) {
    await response.body?.cancel();
    const reason = `HTTP ${response.status} ${response.statusText}`.trim() + gitHubHint(url, response, token);
    throw new TextProblem(url, reason, TRANSIENT_STATUSES.has(response.status));
  }
  if (url.startsWith('https:') && !response.url.startsWith('https:'))
    throw new TextProblem(url, `redirected to ${response.url}, without TLS`);
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of response.body ?? []) {
    bytes += piece.length;
    if (bytes > MAX_BYTES) throw new TextProblem(url, `longer than ${MAX_BYTES} bytes`);
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString('utf8');
}

/** The person's own token, for GitHub's API and nobody else. */
function gitHubToken(url: string): string | undefined {
  if (new URL(url).origin !== GITHUB) return undefined;
  const token = (process.env.GH_TOKEN || process.env.GITHUB_TOKEN || '').trim();
  // Any other letter is refused as a header, in an error that would show the token.
  return /^[\x21-\x7e]+$/.test(token) ? token : undefined;
}

/** The token goes to this one address: where GitHub sends on to, even at its own host, is asked without. */
async function askGitHub(url: string, token: string, signal: AbortSignal): Promise<Response> {
  const headers = { 'user-agent': 'kiln', authorization: `Bearer ${token}` };
  const response = await fetch(url, { headers, signal, redirect: 'manual' });
  const location = response.headers.get('location');
  if (!REDIRECTS.has(response.status) || location === null) return response;
  await response.body?.cancel();
  const target = new URL(location, url);
  if (target.protocol !== 'https:') throw new TextProblem(url, `redirected to ${target.href}, without TLS`);
  return await fetchWithToken(target.href, { headers: {}, signal });
}

function gitHubHint(url: string, { status }: Response, token: string | undefined): string {
  if (new URL(url).origin !== GITHUB) return '';
  if (status === 401 && token !== undefined)
    return ': GitHub does not know the token of GH_TOKEN or GITHUB_TOKEN';
  const isLimit = (status === 403 || status === 429) && token === undefined;
  return isLimit ? ': without GH_TOKEN or GITHUB_TOKEN it answers 60 times an hour' : '';
}

function unreachable(url: string, error: unknown): TextProblem {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const isUnknownHost = cause instanceof Error && 'code' in cause && cause.code === 'ENOTFOUND';
  return new TextProblem(url, cause instanceof Error ? cause.message : String(cause), !isUnknownHost);
}
