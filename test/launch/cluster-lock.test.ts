import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { withClusterLock, withFoundingLock } from '../../src/launch/cluster-lock.js';
import { REPOSITORY } from '../../src/repository.js';

process.env.XDG_STATE_HOME = mkdtempSync(path.join(tmpdir(), 'kiln-lock-'));

/** A process that takes the lock, says so and never ends by itself. */
function holder(cluster: string) {
  const module = path.join(REPOSITORY, 'dist', 'src', 'launch', 'cluster-lock.js');
  const script = `const { withClusterLock } = await import(${JSON.stringify(module)});
    await withClusterLock(${JSON.stringify(cluster)}, async () => {
      console.log('held');
      await new Promise((resolve) => setTimeout(resolve, 60_000));
    });`;
  return spawn(process.execPath, ['--input-type=module', '--eval', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

test('another process that has it is named; killed, it holds nothing any more', async (t) => {
  const other = holder('one');
  await once(other.stdout, 'data');
  const busy = await t.throwsAsync(
    withClusterLock('one', async () => {}),
    { code: 'CLUSTER_BUSY' },
  );
  t.regex(busy.message, new RegExp(`\\(process ${other.pid}\\)`));
  t.is(await withClusterLock('two', async () => 'free'), 'free');
  other.kill('SIGKILL');
  await once(other, 'exit');
  t.is(await withClusterLock('one', async () => 'mine'), 'mine');
});

test('it is free again after the work, and after work that failed', async (t) => {
  await t.throwsAsync(
    withClusterLock('three', async () => {
      throw new Error('no');
    }),
    { message: 'no' },
  );
  t.is(await withClusterLock('three', async () => 3), 3);
});

test('two foundings come one after the other', async (t) => {
  const seen: string[] = [];
  const found = (name: string) =>
    withFoundingLock(async () => {
      seen.push(`${name} begins`);
      await sleep(150);
      seen.push(`${name} ends`);
    });
  await Promise.all([found('one'), found('two')]);
  t.is(seen[0]?.split(' ')[0], seen[1]?.split(' ')[0]);
  t.is(seen.length, 4);
});
