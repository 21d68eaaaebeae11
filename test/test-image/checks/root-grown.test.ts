import test from 'ava';
import { checked, goodContext, problemsOf } from './context.js';

const GROWN = 700_000_000;

test('a partition that was left as it was baked', (t) => {
  const context = goodContext();
  const { root } = context.facts;
  root.partitionBytes -= GROWN;
  root.filesystemBytes -= GROWN;
  t.regex(
    problemsOf(context, 'root-grown').join(),
    /^\/dev\/vda2: expected the root partition .* 669 MiB behind it$/,
  );
});

test('a file system that was left as it was baked', (t) => {
  const context = goodContext();
  context.facts.root.filesystemBytes -= GROWN;
  t.regex(problemsOf(context, 'root-grown').join(), /^\/dev\/vda2: expected the ext4 file system to fill/);
});

test('what a file system keeps for itself is no gap', (t) => {
  const context = goodContext();
  context.facts.root.filesystemBytes *= 0.95;
  t.deepEqual(problemsOf(context, 'root-grown'), []);
});

test('a disk no larger than the image proves nothing', (t) => {
  const context = goodContext();
  t.is(checked({ ...context, imageBytes: context.facts.root.diskBytes }, 'root-grown').status, 'skipped');
});

test('under user-mode Linux it grows as well', (t) => {
  t.is(checked({ ...goodContext(), rig: 'uml' }, 'root-grown').status, 'passed');
});

test('a start nobody read leaves half of it unseen, and says so', (t) => {
  const context = goodContext();
  delete context.facts.root.partitionStart;
  const { examined, notes } = checked(context, 'root-grown');
  t.is(examined, 1);
  t.is(notes?.length, 1);
});
