import test from 'ava';
import {
  count,
  formatSeconds,
  formatSize,
  formatSizeChange,
} from '../../../src/test-image/report/quantities.js';

test('sizes have three figures at most', (t) => {
  t.deepEqual([0, 512, 1000, 1536, 10_200, 1024 ** 2 - 1, 3_759_165_440, 5 * 1024 ** 5].map(formatSize), [
    '0 B',
    '512 B',
    '1.0 KiB',
    '1.5 KiB',
    '10 KiB',
    '1.0 MiB',
    '3.5 GiB',
    '5120 TiB',
  ]);
});

test('a change of size has its sign', (t) => {
  t.deepEqual([2048, -2048, 0].map(formatSizeChange), ['+2.0 KiB', '−2.0 KiB', 'no change']);
});

test('seconds are as exact as they are useful', (t) => {
  t.deepEqual([0, 0.344, 0.999, 8.14, 99.4, 1054.2].map(formatSeconds), [
    '0.00 s',
    '0.34 s',
    '1.0 s',
    '8.1 s',
    '99.4 s',
    '1054 s',
  ]);
});

test('counts agree with their noun', (t) => {
  t.deepEqual([count(0, 'file'), count(1, 'file'), count(2, 'file')], ['0 files', '1 file', '2 files']);
});
