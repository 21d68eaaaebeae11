import { Agent, request } from 'node:https';
import type { AdminAccess } from './admin-access.js';

/** The API server as kiln asks it: plain HTTPS with the administrator's certificate, the server's own verified. */
export interface KubeApi {
  /** Status and body of a GET. Rejects when nothing (or nothing trusted) answers in time. */
  get(path: string): Promise<{ status: number; body: string }>;
  close(): void;
}

/** How long one answer may take, in milliseconds. */
const TIMEOUT = 5_000;

export function openKubeApi({ server, authority, certificate, key }: AdminAccess): KubeApi {
  const agent = new Agent({ keepAlive: true, ca: authority, cert: certificate, key });
  return {
    get: (path) => get(agent, new URL(path, server)),
    close: () => agent.destroy(),
  };
}

function get(agent: Agent, url: URL): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(TIMEOUT);
    const sent = request(url, { agent, signal }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString('utf8') }),
      );
    });
    sent.on('error', reject);
    sent.end();
  });
}
