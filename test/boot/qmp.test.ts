import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'ava';
import { connectQmp } from '../../src/boot/qmp.js';

/** A socket that speaks as QEMU does: a greeting, events in between, answers in order; it hangs up on `quit`. */
async function listen(t: { teardown(work: () => Promise<void>): void }): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'kiln-test-'));
  const socketPath = path.join(folder, 'qmp');
  const server = createServer((socket) => {
    socket.write('{"QMP": {"version": {}}}\r\n');
    socket.on('data', (data) => {
      const { execute } = JSON.parse(String(data)) as { execute: string };
      if (execute === 'quit') return socket.destroy();
      socket.write('{"event": "RTC_CHANGE"}\r\n');
      if (execute === 'nonsense')
        return socket.write('{"error": {"class": "X", "desc": "no such command"}}\r\n');
      // In two pieces, as the network may deliver it.
      socket.write('{"return": {"sta');
      return setTimeout(() => socket.write('tus": "running"}}\r\n'), 20);
    });
  });
  await new Promise<void>((resolve) => server.listen(socketPath, resolve));
  t.teardown(async () => {
    server.close();
    await rm(folder, { recursive: true, force: true });
  });
  return socketPath;
}

test('answers, refusals and a closed connection', async (t) => {
  const qmp = await connectQmp(await listen(t));
  t.deepEqual(await qmp.execute('query-status'), { status: 'running' });
  await t.throwsAsync(qmp.execute('nonsense'), { message: 'QEMU: nonsense: no such command' });
  await t.throwsAsync(qmp.execute('quit'), { message: 'QEMU: quit: QEMU closed the connection' });
  qmp.close();
});

test('nobody listening', async (t) => {
  await t.throwsAsync(connectQmp('/nonexistent/qmp'), { code: 'ENOENT' });
});
