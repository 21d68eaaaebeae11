import { execFileSync } from 'node:child_process';
import test from 'ava';
import { repositoryPath } from '../../src/repository.js';
import { createNode } from './node.js';

test('a nap lasts as long as asked and up to as long again, so that nodes do not ask in step', (t) => {
  const { naps } = napping('nap 5');
  t.true(
    naps.every((seconds) => seconds >= 5 && seconds <= 10),
    naps.join(' '),
  );
  t.true(new Set(naps).size > 1, 'forty naps, and all of them the same');
});

test('the longer a wait has lasted, the longer the naps, but never more than ten seconds', (t) => {
  const began = Math.floor(Date.now() / 1000);
  t.true(Math.max(...napping(`nap_after ${began}`).naps) <= 2);
  const late = napping(`nap_after ${began - 3600}`).naps;
  t.true(
    late.every((seconds) => seconds >= 5 && seconds <= 10),
    late.join(' '),
  );
});

/** Forty naps of this kind, in seconds. */
function napping(words: string): { naps: number[] } {
  const node = createNode();
  node.program('sleep', `echo "$1" >> '${node.root}/naps'`);
  const library = repositoryPath('rootfs/usr/libexec/kiln/lib.sh');
  execFileSync('sh', ['-euc', `. '${library}'; for turn in $(seq 40); do ${words}; done`], {
    env: { PATH: `${node.root}/bin:${process.env.PATH}` },
  });
  return { naps: node.read('/naps').trim().split('\n').map(Number) };
}
