import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'ava';
import { load } from 'js-yaml';
import { renderTemplate } from '../../src/render/render-template.js';
import { repositoryPath } from '../../src/repository.js';

const { roles } = load(readFileSync(repositoryPath('catalog/roles.yaml'), 'utf8')) as {
  roles: Record<string, { marker: string }>;
};
/** Twenty characters: with them user data of two roles still fits. */
const CLUSTER = 'production-eu-west-1';
const LIMIT = 200;

const names = Object.keys(roles);
const combinations = [
  ...names.map((name) => [name]),
  ...names.flatMap((one, at) => names.slice(at + 1).map((other) => [one, other])),
];

for (const combination of combinations) {
  test(`user data for ${combination.join(' and ')} is small and accepted by cloud-init`, (t) => {
    const markers = combination.map((name) => roles[name]?.marker ?? '');
    const userData = renderTemplate('cloudinit/user-data.hbs', { cluster: CLUSTER, markers });
    t.true(Buffer.byteLength(userData) <= LIMIT, `${Buffer.byteLength(userData)} bytes`);
    t.true(userData.startsWith('#cloud-config\n'));
    t.deepEqual(load(userData), {
      write_files: markers.map((marker) => ({ path: marker, content: `CLUSTER_NAME=${CLUSTER}` })),
    });
    const folder = mkdtempSync(path.join(tmpdir(), 'kiln-user-data-'));
    t.teardown(() => rmSync(folder, { recursive: true }));
    writeFileSync(path.join(folder, 'user-data'), userData);
    const { status, stdout, stderr, error } = spawnSync(
      'cloud-init',
      ['schema', '-c', path.join(folder, 'user-data')],
      { encoding: 'utf8' },
    );
    t.is(error, undefined, 'cloud-init is needed: apt-get install cloud-init');
    t.is(status, 0, stdout + stderr);
  });
}

test('the meta-data names the instance and the host', (t) => {
  t.deepEqual(load(renderTemplate('cloudinit/meta-data.hbs', { instanceId: 'i-1', hostname: 'n1' })), {
    'instance-id': 'i-1',
    'local-hostname': 'n1',
  });
});

test('cloud-init in the image writes markers in its network stage and opens no door', (t) => {
  const config = load(readFileSync(repositoryPath('cloudinit/cloud.cfg.d/99_kiln.cfg'), 'utf8')) as Record<
    string,
    unknown
  >;
  t.true((config.cloud_init_modules as string[]).includes('write_files'));
  t.deepEqual(config.cloud_final_modules, []);
  t.deepEqual(config.users, [{ name: 'root', lock_passwd: true }]);
  t.false((config.cloud_init_modules as string[]).includes('ssh'));
  t.is(config.ssh_pwauth, false);
});
