import { readFileSync } from 'node:fs';
import test from 'ava';
import type { Directives } from '../../src/catalog/directives.js';
import { repositoryPath } from '../../src/repository.js';
import { allUnitFiles, readCatalog, repositoryHas, rolesByUnit, settings } from './unit-files.js';

/** Units that come with the distribution. */
const FOREIGN = ['haproxy.service', 'keepalived.service'];
/** No mount namespace for these: their mounts must reach the pods. */
const SHARE_MOUNTS = ['containerd.service', 'kubelet.service', 'kube-proxy.service'];
const NAMESPACING =
  /^(Protect|Private|ReadOnly|ReadWrite|Inaccessible|BindPaths|TemporaryFileSystem|MountFlags|DynamicUser|RootDirectory)/;

const since = new Map(
  (readCatalog('directives.yaml') as Directives).directives.map((entry) => [
    `${entry.section}.${entry.name}`,
    entry,
  ]),
);

for (const file of allUnitFiles()) {
  test(`${file.path} says nothing its oldest systemd does not know`, (t) => {
    for (const { section, name } of settings(file.content)) {
      const known = since.get(`${section}.${name}`);
      t.truthy(known, `${section}.${name} is not in catalog/directives.yaml`);
      t.true(
        (known?.since ?? 0) <= file.minSystemd,
        `${name} needs systemd ${known?.since}, the file is for ${file.minSystemd}`,
      );
    }
  });

  test(`${file.path} is ordered without a cycle in sight and needs no unit that may be skipped`, (t) => {
    for (const { name, value } of settings(file.content)) {
      if (['After', 'Wants', 'Requires'].includes(name)) t.notRegex(value, /cloud-final|multi-user\.target/);
      // Requisite and BindsTo fail or stop a unit whose neighbour was skipped by its gate; a path unit makes old systemd spin.
      t.notRegex(name, /^(Requisite|BindsTo|Requires|PartOf)$/);
    }
  });
}

/** Services that a timer of the same name starts, and nothing else. */
const TIMED = allUnitFiles().flatMap(({ unit }) =>
  unit.endsWith('.timer') ? [unit.replace(/timer$/, 'service')] : [],
);
const STARTED = allUnitFiles().filter(({ path, unit }) => path.startsWith('units/') && !TIMED.includes(unit));

for (const file of STARTED) {
  test(`${file.path} is wanted by multi-user.target, has no gate of its own and survives many restarts`, (t) => {
    const found = settings(file.content);
    const value = (name: string) => found.find((setting) => setting.name === name)?.value;
    t.is(value('WantedBy'), 'multi-user.target');
    t.false(
      found.some(({ name }) => /^(Condition|Assert)/.test(name)),
      'gates stand in drop-ins only',
    );
    if (file.unit.endsWith('.timer')) {
      t.true(repositoryHas(`units/${file.unit.replace(/timer$/, 'service')}`));
    } else if (value('Type') === 'oneshot') {
      t.is(value('Restart'), undefined, 'systemd before 244 refuses to load it');
      t.is(value('RemainAfterExit'), 'yes');
    } else {
      t.is(value('Restart'), 'always');
      t.is(value('StartLimitInterval'), '0');
    }
  });

  test(`${file.path} starts programs that exist and reads environment files that something writes`, (t) => {
    const { files } = readCatalog('rootfs.yaml') as { files: { path: string }[] };
    for (const { name, value } of settings(file.content)) {
      if (!name.startsWith('Exec')) continue;
      const program = value.replace(/^-/, '').split(' ')[0] ?? '';
      if (program.startsWith('/usr/libexec/kiln/'))
        t.true(
          files.some(({ path }) => path === program),
          program,
        );
      else t.regex(program, /^\/(usr\/local\/s?bin|sbin|usr\/lib\/systemd)\//);
    }
    t.notRegex(file.content, /%[^ti]/, 'specifiers change between systemd 219 and newer');
  });
}

test('every unit a role names exists, and every unit of the repository is named or runs everywhere', (t) => {
  const { everyNode } = readCatalog('roles.yaml') as { everyNode: string[] };
  const named = [...rolesByUnit().keys(), ...everyNode];
  for (const unit of named) t.true(FOREIGN.includes(unit) || repositoryHas(`units/${unit}`), unit);
  for (const { unit, path } of allUnitFiles()) {
    if (path.startsWith('units/') && !TIMED.includes(unit))
      t.true(named.includes(unit), `${unit} is in no role`);
  }
});

test('whatever reads the identity waits for it', (t) => {
  for (const { unit, content, path } of allUnitFiles()) {
    if (
      !path.startsWith('units/') ||
      !/\/etc\/kubernetes\/pki|\/var\/lib\/kubelet\/pki|\.kubeconfig/.test(content)
    )
      continue;
    t.true(repositoryHas(`dropins/${unit}.d/05-identity.conf`), unit);
  }
});

test('what shares mounts with the pods has no mount namespace, and the rest runs as a user of its own', (t) => {
  const { users } = readCatalog('users.yaml') as { users: { name: string }[] };
  for (const { unit, content } of allUnitFiles().filter((file) => SHARE_MOUNTS.includes(file.unit))) {
    t.deepEqual(
      settings(content).filter(({ name }) => NAMESPACING.test(name)),
      [],
      unit,
    );
  }
  for (const { name } of users) {
    const unit = readFileSync(repositoryPath(`units/${name}.service`), 'utf8');
    t.true(
      settings(unit).some((setting) => setting.name === 'User' && setting.value === name),
      name,
    );
  }
});
