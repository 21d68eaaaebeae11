import { open } from 'node:fs/promises';
import path from 'node:path';
import type { Gate } from '../../gate/gate.js';
import { runCommand } from '../../gate/run-command.js';

const QCOW2 = Buffer.from('QFI\xfb', 'latin1');

/** The disk itself when it is raw; of a qcow2 disk (with what it lies over) a raw copy in `work`, with holes where it has none. */
export async function asRawDisk(gate: Gate, disk: string, work: string): Promise<string> {
  if (!(await isQcow2(disk))) return disk;
  const raw = path.join(work, 'disk.raw');
  const args = ['convert', '-f', 'qcow2', '-O', 'raw', disk, raw];
  await runCommand(gate, { file: 'qemu-img', args, reason: 'read the qcow2 disk' });
  return raw;
}

async function isQcow2(disk: string): Promise<boolean> {
  const handle = await open(disk, 'r');
  try {
    const { buffer } = await handle.read(Buffer.alloc(QCOW2.length), 0, QCOW2.length, 0);
    return buffer.equals(QCOW2);
  } finally {
    await handle.close();
  }
}
