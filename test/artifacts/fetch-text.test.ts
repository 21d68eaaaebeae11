import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'ava';
import { fetchText, TextProblem } from '../../src/artifacts/fetch-text.js';

const signal = new AbortController().signal;
const mirror = mkdtempSync(path.join(tmpdir(), 'kiln-texts-'));
let server: Server;
let answers: { status: number; body: string }[] = [];
let asked = 0;

test.before(async () => {
  server = createServer((_request, response) => {
    const { status, body } = answers[Math.min(asked, answers.length - 1)] ?? { status: 500, body: '' };
    asked += 1;
    response.statusCode = status;
    response.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});

test.after.always(() => {
  server.close();
});

function ask(given: typeof answers): Promise<string> {
  [answers, asked] = [given, 0];
  return fetchText(`http://127.0.0.1:${(server.address() as AddressInfo).port}/SUMS`, {
    signal,
    firstDelay: 1,
  });
}

test.serial('asks the network, and again when it is busy', async (t) => {
  t.is(await ask([{ status: 200, body: 'v1.35.9' }]), 'v1.35.9');
  t.is(
    await ask([
      { status: 503, body: '' },
      { status: 200, body: 'v1.35.9' },
    ]),
    'v1.35.9',
  );
  t.is(asked, 2);
});

test.serial(
  'an answer that is none is told at once, a server that stays busy after three tries',
  async (t) => {
    const gone = await t.throwsAsync(ask([{ status: 404, body: 'no' }]), { instanceOf: TextProblem });
    t.is(gone.reason, 'HTTP 404 Not Found');
    t.is(asked, 1);
    const busy = await t.throwsAsync(ask([{ status: 429, body: '' }]), { instanceOf: TextProblem });
    t.is(busy.reason, 'HTTP 429 Too Many Requests');
    t.is(asked, 3);
  },
);

test.serial('does not swallow what has no end', async (t) => {
  const error = await t.throwsAsync(ask([{ status: 200, body: 'x'.repeat(16 * 2 ** 20 + 1) }]), {
    instanceOf: TextProblem,
  });
  t.regex(error.reason, /^longer than/);
});

test.serial('the mirror comes first; offline it is all there is', async (t) => {
  mkdirSync(path.join(mirror, 'dl.k8s.io', 'release'), { recursive: true });
  writeFileSync(path.join(mirror, 'dl.k8s.io', 'release', 'stable-1.35.txt'), 'v1.35.9');
  writeFileSync(path.join(mirror, 'dl.k8s.io', 'release', 'index.html'), '<a href="v1.35.9/">');
  const options = { mirror, offline: true, signal };
  t.is(await fetchText('https://dl.k8s.io/release/stable-1.35.txt', options), 'v1.35.9');
  t.is(await fetchText('https://dl.k8s.io/release/', options), '<a href="v1.35.9/">');
  const error = await t.throwsAsync(fetchText('https://dl.k8s.io/release/stable-1.36.txt', options), {
    instanceOf: TextProblem,
  });
  t.is(error.reason, 'offline, and not in the mirror');
});

const TAGS = 'https://api.github.com/repos/opencontainers/runc/git/matching-refs/tags/v1.3.';
const SECRET = 'ghp_not-to-be-seen';

/** What `fetch` was asked, and answers of our own: the API itself is not to be asked in a test. */
async function withAnswers(
  given: (url: string) => Response,
  environment: Record<string, string>,
  ask: () => Promise<string>,
): Promise<{ asked: [url: string, authorization: string | null][]; text: string; error?: string }> {
  const asked: [string, string | null][] = [];
  const real = globalThis.fetch;
  for (const name of ['GH_TOKEN', 'GITHUB_TOKEN']) delete process.env[name];
  Object.assign(process.env, environment);
  globalThis.fetch = async (url, options) => {
    asked.push([String(url), new Headers(options?.headers).get('authorization')]);
    return Object.defineProperty(given(String(url)), 'url', { value: String(url) });
  };
  try {
    return { asked, text: await ask() };
  } catch (error) {
    return { asked, text: '', error: `${(error as Error).stack}` };
  } finally {
    globalThis.fetch = real;
    for (const name of Object.keys(environment)) delete process.env[name];
  }
}

test.serial('GitHub’s API, and nobody else, is asked with the person’s token', async (t) => {
  const ask = (url: string) => () => fetchText(url, { signal, firstDelay: 1 });
  const ok = () => new Response('[]');
  for (const name of ['GH_TOKEN', 'GITHUB_TOKEN'])
    t.deepEqual((await withAnswers(ok, { [name]: `${SECRET}\n` }, ask(TAGS))).asked, [
      [TAGS, `Bearer ${SECRET}`],
    ]);
  const both = await withAnswers(ok, { GH_TOKEN: 'first', GITHUB_TOKEN: 'second' }, ask(TAGS));
  t.deepEqual(both.asked, [[TAGS, 'Bearer first']]);
  t.deepEqual((await withAnswers(ok, { GH_TOKEN: '' }, ask(TAGS))).asked, [[TAGS, null]]);
  for (const url of [
    'https://github.com/opencontainers/runc/releases/download/v1.3.6/runc.sha256sum',
    'https://api.github.com.example.test/repos',
    'http://api.github.com/repos',
    'https://api.github.com:8443/repos',
    'https://dl.k8s.io/release/stable-1.35.txt',
  ])
    t.deepEqual((await withAnswers(ok, { GH_TOKEN: SECRET }, ask(url))).asked, [[url, null]]);
});

test.serial('the token is not sent on with a redirect, and is in no message', async (t) => {
  const ask = () => fetchText(TAGS, { signal, firstDelay: 1 });
  const moved = (location: string) => (url: string) =>
    url === TAGS ? new Response('', { status: 301, headers: { location } }) : new Response('[]');
  for (const target of ['https://api.github.com/repositories/1', 'https://elsewhere.test/x']) {
    const { asked, text } = await withAnswers(moved(target), { GH_TOKEN: SECRET }, ask);
    t.deepEqual(asked, [
      [TAGS, `Bearer ${SECRET}`],
      [target, null],
    ]);
    t.is(text, '[]');
  }
  const plain = await withAnswers(moved('http://elsewhere.test/x'), { GH_TOKEN: SECRET }, ask);
  t.regex(plain.error ?? '', /redirected to http:\/\/elsewhere\.test\/x, without TLS/);
  t.is(plain.asked.length, 1);
  const unknown = await withAnswers(() => new Response('', { status: 401 }), { GH_TOKEN: SECRET }, ask);
  t.regex(unknown.error ?? '', /HTTP 401: GitHub does not know the token of GH_TOKEN or GITHUB_TOKEN/);
  const limit = await withAnswers(() => new Response('', { status: 403 }), {}, ask);
  t.regex(limit.error ?? '', /HTTP 403: without GH_TOKEN or GITHUB_TOKEN it answers 60 times an hour/);
  const broken = await withAnswers(() => new Response('[]'), { GH_TOKEN: `${SECRET}\nX: y` }, ask);
  t.deepEqual(broken.asked, [[TAGS, null]]);
  for (const { error } of [plain, unknown, limit]) t.false(error?.includes(SECRET));
});
