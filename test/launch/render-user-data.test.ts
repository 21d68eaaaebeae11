import test from 'ava';
import { load, YAML11_SCHEMA } from 'js-yaml';
import { loadRoles } from '../../src/catalog/load-catalog.js';
import { renderMetaData, renderUserData } from '../../src/launch/render-user-data.js';

for (const [name, role] of Object.entries(loadRoles())) {
  test(`user data of ${name} writes its marker and nothing else, in 200 bytes`, (t) => {
    const text = renderUserData({ roles: [name], cluster: 'a-cluster-name-of-24-ch' });
    t.true(text.startsWith('#cloud-config\n'));
    t.true(Buffer.byteLength(text) <= 200);
    t.deepEqual(load(text, { schema: YAML11_SCHEMA }), {
      write_files: [{ path: role.marker, content: 'CLUSTER_NAME=a-cluster-name-of-24-ch' }],
    });
  });

  for (const alias of role.aliases) {
    test(`${alias} is ${name}`, (t) => {
      t.is(renderUserData({ roles: [alias], cluster: 'c' }), renderUserData({ roles: [name], cluster: 'c' }));
    });
  }
}

test('two roles: two markers', (t) => {
  const { write_files } = load(renderUserData({ roles: ['master', 'minion'], cluster: 'c' })) as {
    write_files: unknown[];
  };
  t.is(write_files.length, 2);
});

test('no role: nothing is written', (t) => {
  t.deepEqual(load(renderUserData({ roles: [], cluster: 'c' })), {});
});

for (const cluster of ['', 'Upper', 'a_b', '-a', 'a-', 'a.b', 'x'.repeat(64), 'a\nb: c', 'a"b']) {
  test(`refuses the cluster name ${JSON.stringify(cluster)}`, (t) => {
    t.throws(() => renderUserData({ roles: ['master'], cluster }), { code: 'USAGE' });
  });
}

test('refuses an unknown role, naming the known ones', (t) => {
  const error = t.throws(() => renderUserData({ roles: ['mastr'], cluster: 'c' }), { code: 'UNKNOWN_NAME' });
  t.regex(String((error as unknown as { hint: string }).hint), /etcd, master, minion, lb/);
});

test('meta-data names the instance and the host', (t) => {
  t.deepEqual(load(renderMetaData({ instanceId: 'i-1', hostname: 'node1' })), {
    'instance-id': 'i-1',
    'local-hostname': 'node1',
  });
});
