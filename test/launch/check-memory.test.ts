import test from 'ava';
import { availableMemory, checkMemory } from '../../src/launch/check-memory.js';
import type { ClusterNode } from '../../src/launch/types.js';
import { aCluster } from './a-cluster.js';

test('reads what can be had without swapping', (t) => {
  t.is(availableMemory('MemTotal:  8000 kB\nMemFree:  10 kB\nMemAvailable:    2097152 kB\n'), 2048);
});

test('refuses what no machine has, naming both numbers', async (t) => {
  const { nodes } = aCluster([['master'], ['minion']]);
  const huge = nodes.map((node) => ({ ...node, memoryMiB: 2 ** 30 }));
  await t.throwsAsync(checkMemory(huge), {
    code: 'LAUNCH_REFUSED',
    message: /^2 nodes want 2147483648 MiB of memory; this machine has \d+ MiB free$/,
  });
  await t.notThrowsAsync(checkMemory([]));
});

test('less memory is a mend only where a node never ran: the others keep what they have', async (t) => {
  const { nodes } = aCluster([['master'], ['minion']]);
  const huge = nodes.map((node): ClusterNode => ({ ...node, memoryMiB: 2 ** 30 }));
  const [first, second] = huge;
  if (first === undefined || second === undefined) return t.fail();
  const { started: _ran, ...planned } = second;
  t.notRegex(await hintFor(huge), /--memory/);
  t.regex(await hintFor([first, planned]), /--memory/);
});

async function hintFor(nodes: readonly ClusterNode[]): Promise<string> {
  const error = await checkMemory(nodes).then(
    () => undefined,
    (thrown: { hint: string }) => thrown,
  );
  return error?.hint ?? '';
}
