import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'ava';
import { renderTemplate } from '../../src/render/render-template.js';
import { repositoryPath } from '../../src/repository.js';
import { allUnitFiles, readCatalog, rolesByUnit, settings } from './unit-files.js';

const UNITS = '/usr/lib/systemd/system';
/** What the distribution's packages bring: enough for our drop-ins to have something to change. */
const FOREIGN_UNIT = '[Service]\nType=notify\nPIDFile=/run/x.pid\nExecStart=/usr/sbin/haproxy -Ws\n';
const CLOUD_INIT =
  '[Unit]\nDefaultDependencies=no\nAfter=systemd-networkd.service\nBefore=network-online.target\n[Service]\nType=oneshot\nExecStart=/bin/true\n';
const CLOUD_FINAL =
  '[Unit]\nAfter=multi-user.target\n[Service]\nType=oneshot\nExecStart=/bin/true\n[Install]\nWantedBy=cloud-init.target\n';

for (const systemd of [219, 252]) {
  test(`systemd-analyze finds nothing to say about the units as installed for systemd ${systemd}`, (t) => {
    const root = builtRoot(systemd);
    t.teardown(() => rmSync(root, { recursive: true, force: true }));
    const { status, output } = verify(root);
    t.is(output, '');
    t.is(status, 0);
  });
}

test('it would have found a wrong directive, a missing program and an ordering cycle', (t) => {
  const root = builtRoot(252);
  t.teardown(() => rmSync(root, { recursive: true, force: true }));
  writeFileSync(
    `${root}${UNITS}/etcd.service.d/99.conf`,
    '[Service]\nRestartTimes=3\nExecReload=/no/such/program\n',
  );
  writeFileSync(`${root}${UNITS}/kube-role.service.d/99.conf`, '[Unit]\nAfter=cloud-final.service\n');
  const { status, output } = verify(root);
  t.not(status, 0);
  t.regex(output, /Unknown key( name)? 'RestartTimes'/);
  t.regex(output, /\/no\/such\/program/);
  t.regex(output, /cycle/);
});

function verify(root: string): { status: number | null; output: string } {
  const units = [...new Set([...rolesByUnit().keys(), ...everyNode()])];
  const { status, stdout, stderr } = spawnSync(
    'systemd-analyze',
    ['verify', `--root=${root}`, '--man=no', '--recursive-errors=yes', 'multi-user.target', ...units],
    { encoding: 'utf8', timeout: 50_000, env: { PATH: process.env.PATH ?? '', SYSTEMD_LOG_COLOR: '0' } },
  );
  return { status, output: stdout + stderr };
}

/** A root with this machine's own targets, our units and gates as the plan installs them, and something to execute. */
function builtRoot(systemd: number): string {
  const root = mkdtempSync(path.join(tmpdir(), 'kiln-units-'));
  mkdirSync(`${root}${UNITS}`, { recursive: true });
  mkdirSync(`${root}/etc/systemd/system/multi-user.target.wants`, { recursive: true });
  mkdirSync(`${root}/etc/systemd/system/cloud-init.target.wants`, { recursive: true });
  for (const file of readdirSync(UNITS).filter(
    (name) =>
      /\.(target|slice)$/.test(name) || /^(systemd-(networkd|tmpfiles|sysctl|modules)|-\.)/.test(name),
  )) {
    cpSync(`${UNITS}/${file}`, `${root}${UNITS}/${file}`, { verbatimSymlinks: true, recursive: true });
  }
  put(root, `${UNITS}/cloud-init.service`, CLOUD_INIT);
  put(root, `${UNITS}/cloud-final.service`, CLOUD_FINAL);
  put(
    root,
    `${UNITS}/cloud-init.target`,
    '[Unit]\nAfter=multi-user.target\n[Install]\nWantedBy=multi-user.target\n',
  );
  for (const unit of ['haproxy.service', 'keepalived.service']) put(root, `${UNITS}/${unit}`, FOREIGN_UNIT);
  for (const file of allUnitFiles().filter(({ minSystemd }) => minSystemd <= systemd)) {
    const target = file.path.startsWith('units/')
      ? `${UNITS}/${file.unit}`
      : `${UNITS}/${file.unit}.d/${path.basename(file.path).replace(/\.systemd-\d+/, '')}`;
    put(root, target, file.content);
    for (const { name, value } of settings(file.content))
      if (name.startsWith('Exec') && value !== '') program(root, value);
  }
  program(root, '/bin/true');
  program(root, '/usr/sbin/haproxy');
  gates(root);
  for (const unit of [...rolesByUnit().keys(), ...everyNode(), 'cloud-init.target']) {
    symlinkSync(`${UNITS}/${unit}`, `${root}/etc/systemd/system/multi-user.target.wants/${unit}`);
  }
  symlinkSync(
    `${UNITS}/cloud-final.service`,
    `${root}/etc/systemd/system/cloud-init.target.wants/cloud-final.service`,
  );
  for (const { name } of (readCatalog('users.yaml') as { users: { name: string }[] }).users) {
    const passwd = `${root}/etc/passwd`;
    writeFileSync(
      passwd,
      `${existsSync(passwd) ? readFileSync(passwd, 'utf8') : ''}${name}:x:900:900::/:/bin/false\n`,
    );
  }
  return root;
}

function gates(root: string): void {
  const { roles } = readCatalog('roles.yaml') as { roles: Record<string, { marker: string }> };
  for (const [unit, names] of rolesByUnit()) {
    const markers = names.map((name) => roles[name]?.marker ?? '');
    put(
      root,
      `${UNITS}/${unit}.d/10-role.conf`,
      renderTemplate('dropins/role-gate.conf.hbs', {
        unit,
        conditions: markers.map((marker) => `|${marker}`),
      }),
    );
  }
  mkdirSync(`${root}${UNITS}/kube-role.service.d`, { recursive: true });
}

function everyNode(): string[] {
  return (readCatalog('roles.yaml') as { everyNode: string[] }).everyNode;
}

function program(root: string, command: string): void {
  const file = command.replace(/^-/, '').split(' ')[0] ?? '';
  put(root, file, '#!/bin/sh\n');
  chmodSync(`${root}${file}`, 0o755);
}

function put(root: string, file: string, content: string): void {
  mkdirSync(path.dirname(`${root}${file}`), { recursive: true });
  writeFileSync(`${root}${file}`, content);
}

test('the template of the role gate makes one plain condition and one alternative per marker', (t) => {
  t.is(
    renderTemplate('dropins/role-gate.conf.hbs', { unit: 'etcd.service', conditions: ['|/a', '|/b'] }),
    `# etcd.service runs only on a node with the role marker; node.env is there only when every marker is right.
[Unit]
After=kube-role.service
ConditionPathExists=/run/kubernetes/node.env
ConditionPathExists=|/a
ConditionPathExists=|/b
`,
  );
  t.true(existsSync(repositoryPath('dropins/role-gate.conf.hbs')));
});
