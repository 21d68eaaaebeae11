import test from 'ava';
import { readPe, readPeText } from '../../../../src/test-image/disk/formats/pe.js';
import { fileOf, pe } from './bytes.js';

test('machine, kind and sections, without their padding', async (t) => {
  const file = fileOf(pe({ '.linux': Buffer.alloc(700), '.cmdline': 'root=LABEL=root rw\0' }));
  const found = await readPe(file);
  t.is(found?.machine, 0x8664);
  t.true(found?.efi);
  t.deepEqual(found?.sections, {
    '.linux': { offset: 1024, size: 700 },
    '.cmdline': { offset: 2048, size: 19 },
  });
});

test('the text of a section ends where its zeros begin', async (t) => {
  const file = fileOf(pe({ '.cmdline': 'rw quiet\0\0' }));
  const found = await readPe(file);
  t.assert(found);
  if (found === undefined) return;
  t.is(await readPeText(file, found, '.cmdline'), 'rw quiet');
  t.is(await readPeText(file, found, '.osrel'), undefined);
});

test('arm64, and a program of Windows', async (t) => {
  const found = await readPe(fileOf(pe({}, { machine: 0xaa64, subsystem: 3 })));
  t.is(found?.machine, 0xaa64);
  t.false(found?.efi);
});

for (const [what, bytes] of [
  ['an empty file', Buffer.alloc(0)],
  ['text', Buffer.from('#!/bin/sh\n'.repeat(20))],
  [
    'a header that leads nowhere',
    Buffer.concat([Buffer.from('MZ'), Buffer.alloc(58, 0xff), Buffer.alloc(64, 0x7f)]),
  ],
  ['a file cut off in its headers', pe({ '.text': 'x' }).subarray(0, 0x90)],
] as const) {
  test(`${what} is no PE`, async (t) => {
    t.is(await readPe(fileOf(bytes)), undefined);
  });
}
