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
