import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import test from 'ava';
import { listLeftovers } from '../../src/providers/local/local-provider.js';
import { repositoryPath } from '../../src/repository.js';
import { bringUp } from './local/bring-up.js';
import { answer } from './local/in-node.js';
import { cluster, destroy, folderOf, removeState, skipPorts } from './local/test-clusters.js';

/** Needs root, the tools of `launch`, an image of Debian 12 (baked first where it is missing) and user-mode Linux. */
skipPorts(100);
test.after.always(removeState);

test.serial(
  'a launch that is killed, wherever it was, leaves nothing behind a destroy, and can be done again',
  async (t) => {
    for (const delay of [150, 400, 700, 1000, 1300, 1600, 2200, 3000]) {
      const one = await cluster(t, 'uml');
      const child = inChild(`
      const { bringUp } = await import(${url('test/providers/local/bring-up.js')});
      await bringUp(${JSON.stringify(folderOf(one))}, ${JSON.stringify(one)});`);
      await killAfter(child, delay);
      t.log(
        `killed after ${delay} ms: ${(await listLeftovers(one.name, folderOf(one))).map(kindOf).join(', ')}`,
      );
      if (delay === 1000) {
        // Half a cluster is no obstacle to the same launch.
        await bringUp(folderOf(one), one);
        await answer(t, one, 'master-1');
      }
      t.deepEqual(await destroy(one), [], `killed after ${delay} ms`);
      t.deepEqual(await destroy(one), [], 'and again');
    }
  },
);

test.serial('a destroy that is killed can be done again, also with half the files missing', async (t) => {
  for (const delay of [150, 300, 400, 500, 600, 800]) {
    const one = await cluster(t, 'uml');
    const folder = folderOf(one);
    await bringUp(folder, one);
    writeFileSync(path.join(folder, 'cluster.json'), '{}');
    const child = inChild(`
      const { destroyCluster } = await import(${url('src/providers/local/local-provider.js')});
      const { createGate } = await import(${url('src/gate/gate.js')});
      const { silentProgress: progress } = await import(${url('src/progress.js')});
      const folder = ${JSON.stringify(folder)};
      await destroyCluster({ gate: createGate({}), progress, folder, name: ${JSON.stringify(one.name)} });`);
    await killAfter(child, delay);
    const left = await listLeftovers(one.name, folder);
    t.log(`killed after ${delay} ms: ${left.map(kindOf).join(', ')}`);
    // The record goes last, so that whoever lists clusters sees that there is something to destroy.
    if (left.some((line) => line.startsWith('folder')) && readdirSync(folder).length > 0) {
      t.true(existsSync(path.join(folder, 'cluster.json')));
      rmSync(path.join(folder, 'network'), { recursive: true, force: true });
      rmSync(path.join(folder, 'nodes', 'master-1', 'pid'), { force: true });
    }
    t.deepEqual(await destroy(one), [], `killed after ${delay} ms`);
  }
});

function inChild(code: string): ChildProcess {
  return spawn(process.execPath, ['--input-type=module', '-e', code], { stdio: 'inherit' });
}

async function killAfter(child: ChildProcess, delay: number): Promise<void> {
  const ended = new Promise((done) => child.once('exit', done));
  await Promise.race([sleep(delay), ended]);
  child.kill('SIGKILL');
  await ended;
}

function url(file: string): string {
  return JSON.stringify(pathToFileURL(repositoryPath('dist', file)).href);
}

function kindOf(leftover: string): string {
  return /\((.*)\)/.exec(leftover)?.[1] ?? leftover.split(' ')[0] ?? '';
}
