import { z } from 'zod';

interface Request {
  headers: Readonly<Record<string, string>>;
  signal: AbortSignal;
}

/** Anonymous tokens by challenge; each is good for many blobs of one repository. */
const tokens = new Map<string, string>();

/**
 * `fetch`, and where a registry answers 401 with a bearer challenge, once more with the anonymous token it asks for. The
 * token is not sent on to the storage a registry redirects to: fetch drops it between origins.
 */
export async function fetchWithToken(url: string, { headers, signal }: Request): Promise<Response> {
  // Compressed on the wire would break byte ranges and the length that tells a truncated file.
  const plain = { 'accept-encoding': 'identity', 'user-agent': 'kiln', ...headers };
  const repository = /^https?:\/\/[^/]+\/v2\/.+\/(?=manifests|blobs)/.exec(url)?.[0];
  const known = repository === undefined ? undefined : tokens.get(repository);
  const response = await fetch(url, { headers: withToken(plain, known), signal });
  const challenge = response.headers.get('www-authenticate');
  if (response.status !== 401 || challenge === null || repository === undefined) return response;
  const token = await requestToken(challenge, signal);
  if (token === undefined) return response;
  await response.body?.cancel();
  tokens.set(repository, token);
  return await fetch(url, { headers: withToken(plain, token), signal });
}

function withToken(headers: Record<string, string>, token: string | undefined): Record<string, string> {
  return token === undefined ? headers : { ...headers, authorization: `Bearer ${token}` };
}

/** `Bearer realm="https://…",service="…",scope="…"` → a token; the two names for it are both in use. */
async function requestToken(challenge: string, signal: AbortSignal): Promise<string | undefined> {
  if (!/^bearer /i.test(challenge)) return undefined;
  const fields = new Map([...challenge.matchAll(/(\w+)="([^"]*)"/g)].map(([, name, value]) => [name, value]));
  const realm = fields.get('realm');
  if (realm === undefined || !URL.canParse(realm)) return undefined;
  const url = new URL(realm);
  for (const name of ['service', 'scope']) {
    const value = fields.get(name);
    if (value !== undefined) url.searchParams.set(name, value);
  }
  const response = await fetch(url, { signal });
  if (!response.ok) return undefined;
  const answer = z
    .object({ token: z.string().optional(), access_token: z.string().optional() })
    .safeParse(await response.json());
  return answer.data?.token ?? answer.data?.access_token;
}
