import { accessSync, chmodSync, constants, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { admitToCache } from '../../../src/artifacts/cache.js';
import { digestBytes } from '../../../src/artifacts/digest.js';
import { createGate } from '../../../src/gate/gate.js';
import { findKubectl } from '../../../src/launch/smoke/find-kubectl.js';
import { smokeImage } from '../../../src/launch/smoke/smoke-image.js';
import type { Plan } from '../../../src/plan/types.js';
import { useTemporaryCache } from '../../artifacts/temporary-cache.js';
import { temporaryFolder } from '../../helpers/temporary-folder.js';

const gate = createGate({});
useTemporaryCache();

test('the one named by hand, then $KUBECTL, then the first in PATH', async (t) => {
  const folder = temporaryFolder();
  const [named, environment, first, second] = ['named', 'environment', 'first', 'second'].map((name) =>
    program(path.join(folder, name, 'kubectl')),
  ) as [string, string, string, string];
  mkdirSync(path.join(folder, 'empty'));
  const PATH = ['relative', path.join(folder, 'empty'), path.dirname(first), path.dirname(second)].join(':');
  t.is(await findKubectl({ gate, option: named, environment: { KUBECTL: environment, PATH } }), named);
  t.is(await findKubectl({ gate, environment: { KUBECTL: environment, PATH } }), environment);
  t.is(await findKubectl({ gate, environment: { KUBECTL: '', PATH } }), first);
});

test('the image’s own, out of the cache, made executable', async (t) => {
  const folder = temporaryFolder();
  const content = '#!/bin/sh\necho baked\n';
  writeFileSync(path.join(folder, 'download'), content);
  const digest = digestBytes(content);
  await admitToCache(path.join(folder, 'download'), digest);
  const file = await findKubectl({ gate, plan: planWith(digest), environment: { PATH: '' } });
  t.is(readFileSync(file, 'utf8'), content);
  t.notThrows(() => accessSync(file, constants.X_OK));
  t.is(await findKubectl({ gate, plan: planWith(digest), environment: { PATH: '' } }), file);
});

test('none at all says how to get one; one that cannot be run says which', async (t) => {
  const folder = temporaryFolder();
  const plan = planWith(digestBytes('never fetched'));
  const none = await t.throwsAsync(findKubectl({ gate, plan, environment: { PATH: '' } }), {
    code: 'TOOL_MISSING',
  });
  t.regex(none?.message ?? '', /^kubectl is not installed/);
  const dead = path.join(folder, 'text');
  writeFileSync(dead, '');
  const wrong = await t.throwsAsync(findKubectl({ gate, option: dead }), { code: 'TOOL_MISSING' });
  t.regex(wrong?.message ?? '', /text, named by --kubectl, is not a program/);
});

test('the smoke image has the name containerd knows it by', (t) => {
  const artifacts = [
    {
      name: 'image/smoke',
      version: '1.35.0',
      url: 'https://debian.kiln.invalid/v2/smoke/manifests/sha256:aa',
    },
  ];
  t.is(smokeImage({ artifacts } as unknown as Plan), 'debian.kiln.invalid/smoke:1.35.0');
  t.is(smokeImage({ artifacts: [] }), undefined);
});

function program(file: string): string {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, '#!/bin/sh\n');
  chmodSync(file, 0o755);
  return file;
}

function planWith(digest: string): Pick<Plan, 'files' | 'artifacts'> {
  const common = {
    name: 'kubectl',
    version: '1.34.1',
    url: 'https://dl.k8s.io/kubectl',
    digest,
    source: 'test',
  };
  return {
    files: [
      {
        path: '/usr/local/bin/kubectl',
        from: 'kubectl',
        type: 'file',
        mode: '0755',
        owner: 'root:root',
        artifact: 'kubectl',
      },
    ],
    artifacts: [{ ...common, kind: 'file', arch: process.arch === 'arm64' ? 'arm64' : 'amd64' }],
  };
}
