import { connect } from 'node:net';
import { KilnError } from '../errors.js';

/** Ctrl-], as in telnet and virsh: nothing on the other side wants it. */
const LEAVE = 0x1d;

/**
 * Connects this terminal with a serial console until Ctrl-] is pressed, the input or the machine ends.
 *
 * @throws KilnError LAUNCH_FAILED when nobody serves the socket.
 */
export async function enterSerialConsole(socket: string): Promise<void> {
  const { stdin, stdout } = process;
  const line = connect(socket);
  process.stderr.write('Ctrl-] leaves the console.\n');
  stdin.setRawMode?.(true);
  try {
    await new Promise<void>((resolve, reject) => {
      line.on('data', (chunk) => stdout.write(chunk));
      line.once('error', (error) =>
        reject(new KilnError('LAUNCH_FAILED', `Cannot reach the console: ${error.message}`)),
      );
      line.once('close', () => resolve());
      stdin.on('data', (chunk: Buffer) => {
        const end = chunk.indexOf(LEAVE);
        line.write(end < 0 ? chunk : chunk.subarray(0, end));
        if (end >= 0) line.end();
      });
      stdin.once('end', () => line.end());
    });
  } finally {
    stdin.setRawMode?.(false);
    stdin.pause();
    line.destroy();
  }
}
