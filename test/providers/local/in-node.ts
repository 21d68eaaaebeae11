import { execFile } from 'node:child_process';
import { request } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { ExecutionContext } from 'ava';
import type { Cluster } from '../../../src/launch/types.js';
import { commandInNode, nodeStatus } from '../../../src/providers/local/local-provider.js';
import { folderOf } from './test-clusters.js';

const run = promisify(execFile);

/** What a command says on a node. */
export async function inNode(own: Cluster, node: string, ...command: string[]): Promise<string> {
  const [file = '', ...args] = commandInNode({ folder: folderOf(own), cluster: own, node, command });
  return (await run(file, args)).stdout.trim();
}

/** Empty when there is no such name. */
export async function resolve(own: Cluster, name: string): Promise<string> {
  return await inNode(own, 'master-1', 'sh', '-c', `getent ahostsv4 ${name} || test $? = 2`);
}

/** Waits until a node that runs takes commands. */
export async function answer(t: ExecutionContext, own: Cluster, node: string): Promise<void> {
  const begun = Date.now();
  for (;;) {
    const state = await nodeStatus({ folder: folderOf(own), cluster: own, node });
    if (state.state !== 'running') throw new Error(JSON.stringify(state));
    const ready = await inNode(own, node, 'true').then(
      () => true,
      () => false,
    );
    if (ready) break;
    if (Date.now() - begun > 240_000) throw new Error(`${node} does not answer`);
    await sleep(500);
  }
  t.log(`${node} of ${own.name} answers after ${(Date.now() - begun) / 1000} s`);
}

/** openssl's own web server says 200 to everything. */
export async function serveInsteadOfTheApi(own: Cluster, node: string): Promise<void> {
  const certificate = 'openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=api -keyout /run/k -out /run/c';
  await inNode(own, node, 'sudo', 'sh', '-c', certificate);
  const server = ['openssl', 's_server', '-accept', '6443', '-www', '-key', '/run/k', '-cert', '/run/c'];
  await inNode(own, node, 'sudo', 'systemd-run', '--quiet', ...server);
}

/** The status of an answer by way of the port on the host; haproxy takes a second to see a server. */
export async function getApi(own: Cluster, attempts = 20): Promise<number | undefined> {
  const url = `https://127.0.0.1:${own.network.apiPort}/readyz`;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await new Promise((done, failed) => {
        const sent = request(url, { rejectUnauthorized: false, timeout: 3000 }, (response) => {
          response.resume();
          done(response.statusCode);
        });
        sent
          .on('error', failed)
          .on('timeout', () => sent.destroy(new Error('no answer')))
          .end();
      });
    } catch (error) {
      if (attempt >= attempts) throw error;
      await sleep(500);
    }
  }
}
