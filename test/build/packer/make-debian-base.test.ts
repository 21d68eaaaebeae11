import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'ava';
import { makeDebianBase } from '../../../src/build/packer/make-debian-base.js';
import { createGate } from '../../../src/gate/gate.js';
import { silentProgress } from '../../../src/progress.js';

test('an OS without an archive to make a base from is refused, with those that have one', async (t) => {
  const making = makeDebianBase({
    gate: createGate({}),
    os: 'rocky9',
    out: '/nonexistent/x',
    progress: silentProgress,
  });
  const error = await t.throwsAsync(making, {
    code: 'UNKNOWN_NAME',
    message: 'No base image can be made for rocky9',
  });
  t.regex(String((error as { hint?: string }).hint), /debian12, debian13.*--base FILE/);
});

test('a dry run says what it would write and writes nothing', async (t) => {
  const gate = createGate({ dryRun: true });
  const out = path.join(tmpdir(), 'kiln-test-never-made', 'base.qcow2');
  await makeDebianBase({ gate, os: 'debian12', out, progress: silentProgress });
  t.deepEqual(
    gate.actions.map(({ verb, target }) => [verb, target]),
    [['write', out]],
  );
  t.false(existsSync(path.dirname(out)));
});
