import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'ava';
import { createGate } from '../../../src/gate/gate.js';
import { reachThroughNamespace } from '../../../src/launch/smoke/reach-through-namespace.js';

test('fetches a URL with a program started inside the namespace, and fails when nothing is there', async (t) => {
  // Stands in for ip(8): enters no namespace, which needs root, and runs what it was given.
  const folder = mkdtempSync(path.join(tmpdir(), 'kiln-reach-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(
    path.join(folder, 'ip'),
    `#!/bin/sh\necho "$1 $2 $3" > ${folder}/entered\nshift 3\nexec "$@"\n`,
  );
  chmodSync(path.join(folder, 'ip'), 0o755);
  process.env.PATH = `${folder}:${process.env.PATH}`;
  const server = createServer((request, response) => {
    response.statusCode = request.url === '/' ? 200 : 404;
    response.end('web-a\n');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const gate = createGate({});
  const reach = reachThroughNamespace({ gate, namespace: 'kiln-demo' });
  t.is((await reach(url, gate.signal)).trim(), 'web-a');
  t.is(readFileSync(path.join(folder, 'entered'), 'utf8'), 'netns exec kiln-demo\n');
  const absent = await t.throwsAsync(reach(`${url}absent`, gate.signal), { code: 'COMMAND_FAILED' });
  t.regex(absent?.message ?? '', /\n {2}\| HTTP 404$/);
  const refused = await t.throwsAsync(reach('http://127.0.0.1:1/', gate.signal), { code: 'COMMAND_FAILED' });
  t.regex(refused?.message ?? '', /status 1\n {2}\| [^\n]+$/, 'one line says why');
  server.close();
});
