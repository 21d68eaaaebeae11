import test from 'ava';
import { runParallel } from '../../src/artifacts/run-parallel.js';
import { detectAccelerator } from '../../src/boot/detect-accelerator.js';
import { qemuRig } from '../../src/boot/qemu-rig.js';
import { umlRig } from '../../src/boot/uml/uml-rig.js';
import { openImage } from '../../src/build/image-folder.js';
import { createGate } from '../../src/gate/gate.js';
import { silentProgress } from '../../src/progress.js';
import { bakeFromDebian } from '../helpers/baked-image.js';
import {
  type Fault,
  type Finding,
  readFaults,
  testBroken,
  unexplained,
  unnoticed,
} from '../helpers/broken-image.js';

/** Copies worked on at once: each needs a processor and, while it boots, 2 GiB. */
const AT_ONCE = 2;

/** Set by scripts/test-matrix: what only the image's own kernel can show takes minutes without KVM. */
const LONG = process.env.KILN_LONG_TESTS === '1';

const all = await readFaults();
const groups = all.filter(([first]) => LONG || first?.rig !== 'qemu');
const untouched: Fault = {
  name: 'untouched',
  title: 'nothing is broken',
  cells: ['no-marker', 'minion'],
  expect: {},
  also: {},
  rig: 'uml',
};
// The slowest first: the others run beside it.
const copies = [[untouched], ...groups]
  .toSorted((left, right) => slowness(right) - slowness(left))
  .map((members) => ({ members, findings: Promise.withResolvers<Finding[]>() }));
const stop = new AbortController();
let work: Promise<unknown> = Promise.resolve();

test.before('the image, and copies of it broken in every way', async (t) => {
  const { folder } = await bakeFromDebian(t, ['--os', 'debian12', '--engine', 'mkosi']);
  const image = await openImage(folder);
  const { signal } = stop;
  const gate = createGate({ signal });
  const { kernelArguments } = image.plan;
  const rigs = {
    uml: await umlRig(gate, silentProgress, { kernelArguments }),
    qemu: qemuRig(await detectAccelerator(gate)),
  };
  // Not waited for here: each test waits for its own copy.
  work = runParallel({
    items: copies,
    limit: AT_ONCE,
    signal,
    async work({ members, findings }) {
      findings.promise.catch(() => {});
      await testBroken(members, { image, rigs, signal }).then(findings.resolve, findings.reject);
    },
  }).catch(() => {});
});

test.after.always('what still runs is stopped, and its copies removed', async () => {
  stop.abort();
  await work;
});

test('there are more than 18 ways in which an image is broken', (t) => {
  t.true(groups.flat().length > 18);
});

for (const { title } of all.filter((group) => !groups.includes(group)).flat()) {
  test.skip(`noticed: ${title} (needs the image's own kernel: scripts/test-matrix)`, (t) => t.fail());
}

for (const { members, findings } of copies) {
  for (const fault of members) {
    test(`noticed: ${fault.title}`, async (t) => {
      t.timeout(1_800_000);
      t.deepEqual(unnoticed(fault, await findings.promise), []);
    });
  }
  test(`no false alarm: ${members.map(({ name }) => name).join(', ')}`, async (t) => {
    t.timeout(1_800_000);
    t.deepEqual(unexplained(members, await findings.promise), []);
  });
}

function slowness(members: readonly Fault[]): number {
  return members[0]?.rig === 'qemu' ? 1 : 0;
}
