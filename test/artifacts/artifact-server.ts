import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { LockedArtifact } from '../../src/plan/types.js';

/** Answers the n-th request (from 1) for a path. */
export type Answer = (request: IncomingMessage, response: ServerResponse, count: number) => void;

export interface ArtifactServer {
  origin: string;
  /** `GET /path range`, in order. */
  requests: string[];
  close(): Promise<void>;
}

/** A real HTTP server on the loopback address that answers by path, 404 for the rest. */
export async function startServer(answers: Record<string, Answer>): Promise<ArtifactServer> {
  const requests: string[] = [];
  const counts = new Map<string, number>();
  const server = createServer((request, response) => {
    const path = request.url ?? '';
    requests.push([request.method, path, request.headers.range].filter(Boolean).join(' '));
    counts.set(path, (counts.get(path) ?? 0) + 1);
    const answer = answers[path];
    if (answer === undefined) response.writeHead(404).end('no such file');
    else answer(request, response, counts.get(path) ?? 0);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** As `startServer`, closed when the test ends. */
export async function serverFor(
  t: { teardown(work: () => unknown): void },
  answers: Record<string, Answer>,
): Promise<ArtifactServer> {
  const server = await startServer(answers);
  t.teardown(() => server.close());
  return server;
}

/** Serves bytes as a static file server does: whole, or from where `Range` says. */
export function serve(bytes: Buffer): Answer {
  return (request, response) => {
    const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
    if (start >= bytes.length && start > 0) {
      response.writeHead(416, { 'content-range': `bytes */${bytes.length}` }).end();
      return;
    }
    const range =
      start === 0 ? {} : { 'content-range': `bytes ${start}-${bytes.length - 1}/${bytes.length}` };
    response.writeHead(start === 0 ? 200 : 206, { 'content-length': bytes.length - start, ...range });
    response.end(bytes.subarray(start));
  };
}

/** Promises the whole file, sends `length` bytes of it and cuts the connection. */
export function cutAfter(bytes: Buffer, length: number): Answer {
  return (request, response, count) => {
    if (request.headers.range !== undefined) return serve(bytes)(request, response, count);
    response.writeHead(200, { 'content-length': bytes.length });
    response.write(bytes.subarray(0, length), () => setTimeout(() => response.destroy(), 50));
  };
}

export function status(code: number): Answer {
  return (_request, response) => response.writeHead(code).end('sorry');
}

export function artifactAt(
  url: string,
  bytes: Buffer,
  changes: Partial<LockedArtifact> = {},
): LockedArtifact {
  const digest = sha256(bytes);
  return {
    name: 'thing',
    version: '1.0.0',
    arch: 'amd64',
    kind: 'file',
    url,
    digest,
    source: 'the test',
    ...changes,
  };
}

export function sha256(bytes: string | Buffer): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

/** Bytes nobody else's test has, so that caches do not meet. */
export function someBytes(seed: string, length: number): Buffer {
  const block = createHash('sha512').update(seed).digest();
  return Buffer.concat(Array.from({ length: Math.ceil(length / block.length) }, () => block)).subarray(
    0,
    length,
  );
}
