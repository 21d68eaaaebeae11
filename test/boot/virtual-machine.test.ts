import test from 'ava';
import { diskArguments } from '../../src/boot/virtual-machine.js';

const COPY = { file: '/x/copy.qcow2', format: 'qcow2' as const, readOnly: false };

function drive(disk: Parameters<typeof diskArguments>[0]): string {
  return diskArguments(disk, 0)[1] ?? '';
}

test('flushes of the guest count only on a disk that is kept', (t) => {
  t.is(drive(COPY), 'if=none,id=disk0,format=qcow2,cache=unsafe,file=/x/copy.qcow2');
  t.is(drive({ ...COPY, kept: false }), drive(COPY));
  t.is(drive({ ...COPY, kept: true }), 'if=none,id=disk0,format=qcow2,cache=writeback,file=/x/copy.qcow2');
});

test('a comma in a path ends no option, and a read-only disk is one', (t) => {
  t.true(drive({ ...COPY, file: '/a,b' }).endsWith(',file=/a,,b'));
  t.true(drive({ ...COPY, readOnly: true }).includes(',readonly=on,'));
});
