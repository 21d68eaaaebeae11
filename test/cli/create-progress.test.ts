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

test('side by side: each step says which it is, and its own time', async (t) => {
  const { stream, said } = recorder(false);
  const progress = createProgress(stream);
  const [one, two] = [progress.beside('etcd'), progress.beside('master')];
  one.step('Boot');
  await sleep(1100);
  two.step('Boot');
  one.end();
  two.step('Read');
  two.end();
  t.regex(
    said(),
    /^== etcd: Boot\n== master: Boot\n {3}etcd: Boot: done in 1\.\d s\n {3}done in 0\.\d s\n== master: Read\n {3}done in 0\.\d s\n$/,
  );
});

test('side by side on a terminal: one line for all that runs', async (t) => {
  const { stream, said } = recorder(true);
  const progress = createProgress(stream);
  const [one, two] = [progress.beside('a'), progress.beside('b')];
  one.step('Boot');
  two.step('Boot');
  await sleep(300);
  one.end();
  two.end();
  const lines = said().split('\r\u001B[K');
  t.true(lines.some((line) => /^a: Boot · \d+\.\d s \| b: Boot · \d+\.\d s$/.test(line)));
  t.regex(lines.at(-1) ?? '', /^✔ b: Boot · \d+\.\d s\n$/);
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
