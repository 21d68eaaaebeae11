import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { ExecutionContext } from 'ava';
import { type FakeAws, startFakeAws } from '../providers/aws/fake/start-fake-aws.js';
import { foundCluster } from '../providers/aws/found-cluster.js';

export const cwd = mkdtempSync(path.join(tmpdir(), 'kiln-verbs-'));
export const DEMO = ['--cluster', 'demo', '--provider', 'aws'];

/** A fake account with cluster demo in it, and something that is not the cluster's. */
export async function withCluster(t: ExecutionContext, options: { minions?: number } = {}): Promise<FakeAws> {
  const fake = await startFakeAws(t);
  await foundCluster(fake, 'demo', options);
  // What is not this cluster's must stay, whatever its tags say of kiln or of a cluster.
  fake.account.volumes.set('vol-other', {
    ...someVolume(fake),
    id: 'vol-other',
    tags: { KubernetesCluster: 'demo' },
  });
  fake.calls.length = 0;
  return fake;
}

function someVolume({ account }: FakeAws) {
  const [volume] = account.volumes.values();
  if (volume === undefined) throw new Error('no volume');
  return { ...volume, instance: undefined };
}
