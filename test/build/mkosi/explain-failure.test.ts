import test from 'ava';
import { explainFailure } from '../../../src/build/mkosi/explain-failure.js';
import { KilnError } from '../../../src/errors.js';

function explain(line: string): KilnError {
  return explainFailure(
    new KilnError('COMMAND_FAILED', `Could not build the disk:\n  | ${line}`),
    '/out/work',
  ) as KilnError;
}

test('a full disk is named with the folder', (t) => {
  const error = explain("cp: error writing 'x': No space left on device");
  t.is(error.code, 'DISK_FULL');
  t.true(error.message.includes('/out/work'));
});

test('an image that outgrows its partition says what to raise', (t) => {
  const error = explain(
    'mkfs.ext4: Could not allocate block in ext2 filesystem while populating file system',
  );
  t.is(error.message, 'The image is larger than its root partition');
});

test('anything else comes as it was', (t) => {
  t.true(explain('E: Unable to locate package x').message.includes('E: Unable to locate package x'));
});
