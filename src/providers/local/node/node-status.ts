import { existsSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { plainText } from '../../../boot/virtual-machine.js';
import { nodeFiles } from '../names.js';
import { pidOf } from '../processes.js';
import type { InNode, NodeStatus } from '../types.js';

/** How much of the console's end is read. */
const TAIL_BYTES = 8192;
/** The kernel's last words when it ends in good order. */
const ENDED = /^(\[[ \d.]+\] )?reboot: (Power down|Restarting system|System halted)/;

/** What has become of a node. Only looks. */
export async function nodeStatus({ folder, node }: InNode): Promise<NodeStatus> {
  const files = nodeFiles(folder, node);
  const pid = await pidOf(files.pid, `${files.folder}/`);
  if (pid !== undefined) return { state: 'running', pid };
  const line = await lastLine(files.console);
  const asked = existsSync(files.stopped) || !existsSync(files.pid);
  if (asked || ENDED.test(line)) return { state: 'stopped' };
  return { state: 'failed', reason: line };
}

/** The last line with anything in it after the first `from` bytes; empty without one, or without the file. */
export async function lastLine(file: string, from = 0): Promise<string> {
  const handle = await open(file, 'r').catch(() => undefined);
  if (handle === undefined) return '';
  try {
    const { size } = await handle.stat();
    const start = Math.max(from, size - TAIL_BYTES);
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(TAIL_BYTES), 0, TAIL_BYTES, start);
    const lines = plainText(buffer.subarray(0, bytesRead).toString('utf8')).split('\n');
    return (lines.findLast((line) => line.trim() !== '') ?? '').trim();
  } finally {
    await handle.close();
  }
}
