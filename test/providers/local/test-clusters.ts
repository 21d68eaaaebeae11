import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import type { ExecutionContext } from 'ava';
import { createGate } from '../../../src/gate/gate.js';
import type { Cluster, LocalRig } from '../../../src/launch/types.js';
import { silentProgress } from '../../../src/progress.js';
import { destroyCluster, freeApiPort, namespaceName } from '../../../src/providers/local/local-provider.js';
import { bakeFromDebian } from '../../helpers/baked-image.js';
import { aCluster, aNode } from './a-cluster.js';

const run = promisify(execFile);
const gate = createGate({});
const progress = silentProgress;
/** Clusters' folders are as awkward as they get: too long for the address of a socket, and with a space. */
const SCRATCH = mkdtempSync('/var/tmp/kiln-local-test-');
const STATE = path.join(SCRATCH, `${'a-long-way-down/'.repeat(7)}the state, of kiln`);
const given: number[] = [];

/** For the end of a test file, which is a process of its own: the folder of all its clusters goes. */
export function removeState(): void {
  rmSync(SCRATCH, { recursive: true, force: true });
}

/** Leaves the first so many ports to other files, which run at the same time. */
export function skipPorts(count: number): void {
  while (given.length < count) given.push(16443 + given.length);
}

/** One master; whatever becomes of the test, nothing stays. */
export async function cluster(t: ExecutionContext, rig: LocalRig): Promise<Cluster> {
  t.timeout(1_800_000);
  const name = `test-${randomBytes(4).toString('hex')}`;
  const image = process.env.KILN_TEST_IMAGE ?? (await bakeFromDebian(t, ['--os', 'debian12'])).folder;
  mkdirSync(STATE, { recursive: true });
  t.teardown(() => destroyCluster({ gate, progress, folder: path.join(STATE, name), name }));
  return aCluster({
    ...{ name, rig, image: { folder: image, id: 'sha256:00' } },
    network: { namespace: namespaceName(name), apiPort: await freeApiPort(ports()) },
    nodes: [{ ...aNode(1, 'master-1', ['master']), memoryMiB: 2048 }],
  });
}

/** A port is free until haproxy has it. */
function ports(): number[] {
  given.push(16443 + given.length);
  return given.slice(0, -1);
}

/** Where the cluster's state is. */
export function folderOf({ name }: Cluster): string {
  return path.join(STATE, name);
}

/** Destroys it, and says what is left all the same. */
export async function destroy(one: Cluster): Promise<string[]> {
  const folder = folderOf(one);
  const { leftovers } = await destroyCluster({ gate, progress, folder, name: one.name });
  // The kernel's own view, beside what kiln says of itself.
  const { stdout } = await run('ip', ['netns', 'list']);
  const namespaces = stdout.split('\n').filter((line) => line.includes(one.name));
  const processes = readdirSync('/proc')
    .filter((pid) => /^\d+$/.test(pid) && pid !== String(process.pid))
    .map((pid) => readProc(path.join('/proc', pid, 'cmdline')))
    .filter((line) => line.includes(one.name));
  const mounts = readProc('/proc/self/mounts')
    .split('\n')
    .filter((line) => line.includes(one.name));
  const files = existsSync(folder) ? [folder] : [];
  return [...leftovers, ...namespaces, ...processes, ...mounts, ...files];
}

function readProc(file: string): string {
  try {
    return readFileSync(file, 'utf8').replaceAll('\0', ' ');
  } catch {
    return '';
  }
}
