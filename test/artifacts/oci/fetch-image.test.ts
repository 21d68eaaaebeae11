import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { extractMembers } from '../../../src/artifacts/extract-members.js';
import { fetchArtifacts } from '../../../src/artifacts/fetch-artifacts.js';
import { mirrorArtifacts } from '../../../src/artifacts/mirror-artifacts.js';
import { createGate } from '../../../src/gate/gate.js';
import type { LockedArtifact } from '../../../src/plan/types.js';
import { temporaryFolder } from '../../helpers/temporary-folder.js';
import { type Answer, serve, serverFor, sha256 } from '../artifact-server.js';
import { useTemporaryCache } from '../temporary-cache.js';

useTemporaryCache();
const gate = createGate({});
const settings = { attempts: 2, firstDelay: 5, stallTimeout: 2000 };
const BASE = '/v2/group/thing';

/** A two-architecture image as a registry holds it: path → bytes. */
function makeImage(folder: string, seed: string) {
  const blobs: Record<string, Buffer> = {};
  function add(kind: 'blobs' | 'manifests', bytes: Buffer) {
    blobs[`${BASE}/${kind}/${sha256(bytes)}`] = bytes;
    return { digest: sha256(bytes), size: bytes.length };
  }
  function layer(name: string, content: string): Buffer {
    const root = path.join(folder, name);
    mkdirSync(path.join(root, 'usr/bin'), { recursive: true });
    writeFileSync(path.join(root, 'usr/bin/thing'), content);
    writeFileSync(path.join(root, 'usr/bin', name), name);
    return execFileSync('tar', ['-C', root, '-czf', '-', 'usr']);
  }
  function manifest(arch: string) {
    const layers = [layer(`base-${arch}`, `old ${seed}`), layer(`top-${arch}`, `${arch} ${seed}`)];
    const config = Buffer.from(JSON.stringify({ architecture: arch, os: 'linux', seed }));
    const content = {
      schemaVersion: 2,
      mediaType: 'application/vnd.docker.distribution.manifest.v2+json',
      config: { mediaType: 'application/vnd.docker.container.image.v1+json', ...add('blobs', config) },
      layers: layers.map((bytes) => ({
        mediaType: 'application/vnd.docker.image.rootfs.diff.tar.gzip',
        ...add('blobs', bytes),
      })),
    };
    return {
      mediaType: content.mediaType,
      ...add('manifests', Buffer.from(JSON.stringify(content))),
      platform: { os: 'linux', architecture: arch },
    };
  }
  const index = { schemaVersion: 2, manifests: [manifest('arm64'), manifest('amd64')] };
  const { digest } = add('manifests', Buffer.from(JSON.stringify(index)));
  return { blobs, digest, amd64: index.manifests[1]?.digest ?? '' };
}

function artifactOf(origin: string, digest: string): LockedArtifact {
  const url = `${origin}${BASE}/manifests/${digest}`;
  return {
    name: 'image/thing',
    version: 'v1.2',
    arch: 'amd64',
    kind: 'oci',
    url,
    digest,
    source: 'the test',
  };
}

test('index, manifest, configuration and layers are fetched and become an archive with the image name', async (t) => {
  const { blobs, digest, amd64 } = makeImage(temporaryFolder(), 'archive');
  const answers = Object.fromEntries(Object.entries(blobs).map(([name, bytes]) => [name, serve(bytes)]));
  const server = await serverFor(t, answers);
  const artifact = artifactOf(server.origin, digest);

  const archive = (await fetchArtifacts({ gate, artifacts: [artifact], settings })).get('image/thing') ?? '';

  t.is(server.requests.length, 5);
  const names = execFileSync('tar', ['-tf', archive], { encoding: 'utf8' }).trim().split('\n');
  t.is(names.length, 6);
  for (const name of names.filter((entry) => entry.startsWith('blobs/'))) {
    t.is(sha256(execFileSync('tar', ['-xOf', archive, name])), name.slice('blobs/'.length).replace('/', ':'));
  }
  const index = JSON.parse(execFileSync('tar', ['-xOf', archive, 'index.json'], { encoding: 'utf8' }));
  t.is(index.manifests[0].digest, amd64);
  t.is(
    index.manifests[0].annotations['io.containerd.image.name'],
    `${new URL(server.origin).host}/group/thing:v1.2`,
  );
  const before = readFileSync(archive);
  execFileSync('rm', ['-f', archive]);
  const again = (await fetchArtifacts({ gate, artifacts: [artifact], settings, offline: true })).get(
    'image/thing',
  );
  t.deepEqual(readFileSync(again ?? ''), before);
});

test('a program comes out of the topmost layer that has it', async (t) => {
  const { blobs, digest } = makeImage(temporaryFolder(), 'layers');
  const answers = Object.fromEntries(Object.entries(blobs).map(([name, bytes]) => [name, serve(bytes)]));
  const server = await serverFor(t, answers);
  const artifact = artifactOf(server.origin, digest);
  const file = (await fetchArtifacts({ gate, artifacts: [artifact], settings })).get('image/thing') ?? '';
  const members = ['usr/bin/thing', 'usr/bin/base-amd64'];
  const paths = await extractMembers({ gate, artifact, file, members });
  t.is(readFileSync(paths.get('usr/bin/thing') ?? '', 'utf8'), 'amd64 layers');
  t.is(readFileSync(paths.get('usr/bin/base-amd64') ?? '', 'utf8'), 'base-amd64');
});

test('a registry that asks for a token gets one, once per repository', async (t) => {
  const { blobs, digest } = makeImage(temporaryFolder(), 'token');
  let origin = '';
  const guarded =
    (bytes: Buffer): Answer =>
    (request, response, count) => {
      if (request.headers.authorization === 'Bearer secret') return serve(bytes)(request, response, count);
      const challenge = `Bearer realm="${origin}/token",service="registry",scope="repository:group/thing:pull"`;
      response.writeHead(401, { 'www-authenticate': challenge }).end();
    };
  const answers = Object.fromEntries(Object.entries(blobs).map(([name, bytes]) => [name, guarded(bytes)]));
  const query = '/token?service=registry&scope=repository%3Agroup%2Fthing%3Apull';
  const server = await serverFor(t, {
    ...answers,
    [query]: (_request, response) => response.end(JSON.stringify({ token: 'secret' })),
  });
  origin = server.origin;
  await fetchArtifacts({ gate, artifacts: [artifactOf(server.origin, digest)], settings });
  t.is(server.requests.filter((request) => request === `GET ${query}`).length, 1);
});

test('a layer that is not what the manifest says stops the fetch', async (t) => {
  const { blobs, digest } = makeImage(temporaryFolder(), 'bad layer');
  const answers = Object.entries(blobs).map(([name, bytes]): [string, Answer] => [
    name,
    serve(name.includes('/blobs/') ? Buffer.from('evil') : bytes),
  ]);
  const server = await serverFor(t, Object.fromEntries(answers));
  await t.throwsAsync(fetchArtifacts({ gate, artifacts: [artifactOf(server.origin, digest)], settings }), {
    code: 'DIGEST_MISMATCH',
  });
});

test('an architecture the image lacks is named with those it has', async (t) => {
  const config = Buffer.from('{}');
  const manifests = [
    {
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      digest: sha256(config),
      size: 2,
      platform: { os: 'linux', architecture: 's390x' },
    },
  ];
  const index = Buffer.from(JSON.stringify({ schemaVersion: 2, manifests }));
  const server = await serverFor(t, { [`${BASE}/manifests/${sha256(index)}`]: serve(index) });
  const error = await t.throwsAsync(
    fetchArtifacts({ gate, artifacts: [artifactOf(server.origin, sha256(index))], settings }),
  );
  t.is(error?.message, 'The image image/thing v1.2 has nothing for linux/amd64; it has linux/s390x');
});

test('a mirror of an image serves another machine offline', async (t) => {
  const { blobs, digest } = makeImage(temporaryFolder(), 'mirror');
  const answers = Object.fromEntries(Object.entries(blobs).map(([name, bytes]) => [name, serve(bytes)]));
  const server = await serverFor(t, answers);
  const artifact = artifactOf(server.origin, digest);
  const mirror = temporaryFolder();
  const lock = { version: 1, source: 'upstream', kubernetes: '1.29.15', artifacts: [artifact] } as const;
  await mirrorArtifacts({ gate, lock: { ...lock, artifacts: [artifact] }, to: mirror });

  process.env.XDG_CACHE_HOME = temporaryFolder();
  const paths = await fetchArtifacts({ gate, artifacts: [artifact], mirror, offline: true });
  t.regex(execFileSync('tar', ['-tf', paths.get('image/thing') ?? ''], { encoding: 'utf8' }), /index\.json/);
});
