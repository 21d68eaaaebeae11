import { Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { createProgress } from '../../src/cli/create-progress.js';

function recorder(terminal: boolean): { stream: Writable; said: () => string } {
  let text = '';
  const stream = new Writable({
    write(chunk, _encoding, done) {
      text += String(chunk);
      done();
    },
  });
  return { stream: Object.assign(stream, { isTTY: terminal, columns: 40 }), said: () => text };
}

test('piped: a plain line per step and none of a terminal’s codes', (t) => {
  const { stream, said } = recorder(false);
  const progress = createProgress(stream);
  progress.step('One');
  progress.bytes('etcd', 2 ** 20, 2 ** 21);
  progress.step('Two');
  progress.end();
  progress.end();
  t.regex(said(), /^== One\n {3}done in \d+\.\d s\n== Two\n {3}done in \d+\.\d s\n$/);
});

test('on a terminal: one live line with time and bytes, never wider than it', async (t) => {
  const { stream, said } = recorder(true);
  const progress = createProgress(stream);
  progress.step('Fetching');
  progress.bytes('kubernetes-server-with-a-long-name', 2 ** 20, 2 ** 21);
  await sleep(300);
  progress.end();
  const lines = said().split('\r\u001B[K');
  t.true(lines.some((line) => /^Fetching · \d+\.\d s · kubernetes/.test(line)));
  t.regex(lines.at(-1) ?? '', /^✔ Fetching · \d+\.\d s\n$/);
  t.true(lines.every((line) => line.trimEnd().length < 40));
});
