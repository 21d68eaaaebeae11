import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { cacheFolder } from '../../src/artifacts/cache.js';
import { inNamespaces } from '../../src/build/toolbox/in-namespaces.js';
import { isMade, makeRoot } from '../../src/build/toolbox/make-root.js';
import { createGate } from '../../src/gate/gate.js';
import { digestOf } from '../../src/plan/canonical-json.js';
import { silentProgress } from '../../src/progress.js';
import { requireRoot } from '../../src/tools/require-root.js';
import { awsEnvironment } from './aws-environment.js';

/** Sid's: moto 5.1.1 of Debian 13 answers DescribeAutoScalingGroups in a way the SDK cannot read. */
const DEFINITION = {
  suite: 'sid',
  mirror: 'http://deb.debian.org/debian',
  packages: [
    ...['base-files', 'coreutils', 'python3-flask', 'python3-flask-cors', 'python3-jsonpath-ng'],
    'python3-moto',
  ],
};

export interface Moto {
  url: string;
  /** What makes the SDK, kiln and Packer use it; the credentials are no one's. */
  env: Record<string, string>;
  /** Forgets everything; the default VPC with its subnets is there again. */
  reset(): Promise<void>;
  /** Every request since the start or `reset`, those that failed too: `ec2:RunInstances` and its parameters. */
  requests(): Promise<MotoRequest[]>;
}

export interface MotoRequest {
  action: string;
  parameters: Record<string, string>;
}

/** An AMI that is there from the start, of any account; in moto's own words. */
export interface MotoImage {
  ami_id: string;
  name: string;
  owner_id: string;
  creation_date: string;
  architecture: string;
  root_device_name: string;
  root_device_type: 'ebs';
  virtualization_type: 'hvm';
  public: true;
}

/** What the AMIs of every test have in common. */
export const MOTO_IMAGE = {
  architecture: 'x86_64',
  root_device_name: '/dev/xvda',
  root_device_type: 'ebs',
  virtualization_type: 'hvm',
  public: true,
} as const;

type Teardown = { teardown(work: () => void): void };

/**
 * moto's server on a free port of 127.0.0.1, run from a root that is made once in kiln's cache (16 s, 260 MB; needs root,
 * mmdebstrap and the Debian archive). It ends with the test, or with this process whatever becomes of it.
 */
export async function startMoto(
  t: Teardown,
  { images }: { images?: readonly MotoImage[] } = {},
): Promise<Moto> {
  requireRoot('moto runs in a root of its own, which needs root');
  const url = await startServer(await ensureMoto(), t, images);
  await post(url, 'recorder/start-recording');
  return {
    url,
    env: { ...awsEnvironment(url, 'us-east-1'), AWS_DEFAULT_REGION: 'us-east-1' },
    async reset() {
      await post(url, 'reset');
      await post(url, 'recorder/reset-recording');
    },
    requests: () => readRequests(url),
  };
}

async function ensureMoto(): Promise<string> {
  const root = cacheFolder('moto', digestOf(DEFINITION).slice('sha256:'.length, 'sha256:'.length + 16));
  if (await isMade(root)) return root;
  const { suite, mirror, packages } = DEFINITION;
  await makeRoot({
    gate: createGate({}),
    progress: silentProgress,
    root,
    command: (half) => [
      ...['mmdebstrap', '--mode=root', '--variant=extract', '--format=directory', '--components=main'],
      // A mirror may follow a suite that changes daily only now and then; signatures are checked all the same.
      ...['--aptopt=Acquire::Check-Valid-Until "false"', '--aptopt=Apt::Install-Recommends "false"'],
      ...[`--include=${packages.join(',')}`, suite, half, mirror],
    ],
    reason: 'fetch moto',
  });
  return root;
}

/** Port 0: moto says which one it got, so two of them never meet. */
async function startServer(
  root: string,
  t: Teardown,
  images: readonly MotoImage[] | undefined,
): Promise<string> {
  const recording = `/tmp/requests-${randomUUID()}`;
  const catalog = `/tmp/images-${randomUUID()}`;
  if (images !== undefined) writeFileSync(path.join(root, catalog), JSON.stringify(images));
  const server = ['python3', '-m', 'moto.server', '-H', '127.0.0.1', '-p', '0'];
  const { file, args } = inNamespaces([
    'chroot',
    root,
    'env',
    `MOTO_RECORDER_FILEPATH=${recording}`,
    ...(images === undefined ? [] : [`MOTO_AMIS_PATH=${catalog}`]),
    ...server,
  ]);
  const child = spawn(file, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  t.teardown(() => {
    child.kill('SIGTERM');
    for (const file of [recording, catalog]) rmSync(path.join(root, file), { force: true });
  });
  return await new Promise((resolve, reject) => {
    const said: string[] = [];
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`moto ended with ${code}:\n${said.join('\n')}`)));
    createInterface({ input: child.stderr }).on('line', (line) => {
      const url = /Running on (http:\S+)/.exec(line)?.[1];
      if (url !== undefined) resolve(url);
      if (said.length < 50) said.push(line);
    });
  });
}

async function post(url: string, request: string): Promise<void> {
  const response = await fetch(`${url}/moto-api/${request}`, { method: 'POST' });
  if (!response.ok) throw new Error(`moto: ${request}: ${response.status} ${await response.text()}`);
}

async function readRequests(url: string): Promise<MotoRequest[]> {
  const response = await fetch(`${url}/moto-api/recorder/download-recording`);
  const lines = (await response.text()).split('\n').filter((line) => line !== '');
  return lines.flatMap((line) => {
    const { headers, body, body_encoded } = JSON.parse(line) as Recorded;
    const service = /Credential=[^/]+\/\d+\/[^/]+\/([^/]+)\//.exec(headers.Authorization ?? '')?.[1];
    const text = body_encoded ? Buffer.from(body, 'base64').toString() : body;
    const { Action, ...parameters } = Object.fromEntries(new URLSearchParams(text));
    return service === undefined ? [] : [{ action: `${service}:${Action}`, parameters }];
  });
}

interface Recorded {
  headers: Record<string, string>;
  body: string;
  body_encoded: boolean;
}
