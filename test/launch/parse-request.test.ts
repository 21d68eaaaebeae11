import test from 'ava';
import { loadRoles } from '../../src/catalog/load-catalog.js';
import { parseClusterName } from '../../src/launch/cluster-name.js';
import { parseRequest } from '../../src/launch/parse-request.js';

test('defaults: cluster kiln, one node', (t) => {
  t.deepEqual(parseRequest({ role: 'master' }), {
    cluster: 'kiln',
    roles: ['master'],
    count: { total: 1 },
    rig: undefined,
    memoryMiB: undefined,
  });
});

test('roles come in the catalog’s order, each once, whatever they are called', (t) => {
  t.deepEqual(parseRequest({ role: 'node,control-plane, worker' }).roles, ['master', 'minion']);
  for (const [name, { aliases }] of Object.entries(loadRoles())) {
    for (const alias of aliases) t.deepEqual(parseRequest({ role: alias }).roles, [name]);
  }
});

test('a count is a total, or with a plus so many more', (t) => {
  t.deepEqual(parseRequest({ role: 'etcd', count: '3' }).count, { total: 3 });
  t.deepEqual(parseRequest({ role: 'etcd', count: '+2' }).count, { more: 2 });
});

for (const count of ['0', '-1', '+0', '1.5', 'three', '', '1000']) {
  test(`refuses the count ${JSON.stringify(count)}`, (t) => {
    t.throws(() => parseRequest({ role: 'master', count }), { code: 'USAGE' });
  });
}

for (const role of [undefined, '', ' , ']) {
  test(`refuses ${JSON.stringify(role)} as a role`, (t) => {
    t.throws(() => parseRequest({ role }), { code: 'USAGE', message: /No role given/ });
  });
}

test('an unknown role is told the nearest one, an alias too', (t) => {
  t.throws(() => parseRequest({ role: 'master,wroker' }), { code: 'UNKNOWN_NAME', message: /mean worker\?/ });
});

for (const memory of ['1G', '128', '-5', '']) {
  test(`refuses the memory ${JSON.stringify(memory)}`, (t) => {
    t.throws(() => parseRequest({ role: 'lb', memory }), { code: 'USAGE' });
  });
}

for (const name of ['', 'Upper', '../other', 'a.b', 'a/b', '-a', 'x'.repeat(64)]) {
  test(`refuses the cluster name ${JSON.stringify(name)}`, (t) => {
    t.throws(() => parseClusterName(name), { code: 'USAGE' });
  });
}
