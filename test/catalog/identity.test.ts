import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { load } from 'js-yaml';
import { identitySchema, loadIdentityCatalog } from '../../src/catalog/identity.js';
import { loadRoles } from '../../src/catalog/load-catalog.js';
import { secretNames } from '../../src/identity/identity.js';
import { repositoryPath } from '../../src/repository.js';

const catalog = loadIdentityCatalog();
const { bundles, leaves, authorities } = catalog;
const roles = loadRoles();
/** Root's alone, for issuing leaves; no unit names it. */
const ISSUER = 'ca';

test('the file is as the schema says', (t) => {
  t.deepEqual(
    identitySchema.parse(load(readFileSync(repositoryPath('catalog/identity.yaml'), 'utf8'))),
    catalog,
  );
});

test('every role has a bundle, and every bundle a role', (t) => {
  t.deepEqual(Object.keys(bundles).sort(), Object.keys(roles).sort());
});

test('every secret a bundle names is one a cluster has', (t) => {
  const known = secretNames();
  for (const [role, owners] of Object.entries(bundles)) {
    for (const [owner, files] of Object.entries(owners)) {
      for (const secret of Object.values(files))
        t.true(known.includes(secret), `${role}/${owner}: ${secret}`);
    }
  }
});

test('every leaf has a known authority, an owner some role has, and a name of its own', (t) => {
  const owners = new Set(Object.values(bundles).flatMap((bundle) => Object.keys(bundle)));
  const names = leaves.certificates.map(({ owner, file }) => `${owner}/${file}`);
  t.is(new Set(names).size, names.length);
  for (const { owner, authority } of leaves.certificates) {
    t.true(authority in authorities, `${owner}: ${authority}`);
    t.true(owners.has(owner), owner);
  }
});

for (const [role, bundle] of Object.entries(bundles)) {
  test(`${role} holds the keys of just the authorities its leaves need`, (t) => {
    const needed = new Set(leavesOf(role).map(({ authority }) => authority));
    const expected = [...needed].flatMap((name) => [
      [`${name}.crt`, `${name}.crt`],
      [`${name}.key`, `${name}.key`],
    ]);
    t.deepEqual(bundle[ISSUER] ?? {}, Object.fromEntries(expected));
  });

  test(`no leaf of ${role} takes the place of a file it is given`, (t) => {
    const given = givenTo(role);
    t.deepEqual(
      leavesOf(role)
        .flatMap(filesOf)
        .filter((file) => given.has(file)),
      [],
    );
  });
}

test('only masters sign for the cluster, and only for the controller manager outside of root', (t) => {
  const holders = Object.entries(bundles).flatMap(([role, owners]) =>
    Object.entries(owners).flatMap(([owner, files]) =>
      Object.values(files)
        .filter((secret) => secret === 'kubernetes.key')
        .map(() => `${role}/${owner}`),
    ),
  );
  t.deepEqual(holders.sort(), ['master/ca', 'master/kube-controller-manager']);
});

test('a leaf is renewed well before it ends, and the authorities outlive it', (t) => {
  t.true(leaves.renewDays < leaves.days / 2);
  for (const { days } of Object.values(authorities)) t.true(days > leaves.days);
});

for (const [role, { units }] of Object.entries(roles)) {
  test(`every file the units of ${role} name is given or issued to it`, (t) => {
    const covered = coveredFor(role);
    const named = units.flatMap((unit) => filesNamedBy(unit).map((file) => ({ unit, file })));
    t.deepEqual(
      named.filter(({ file }) => !covered.has(file)),
      [],
    );
  });
}

test('every file anything on the node names is given or issued to some role', (t) => {
  const covered = new Set(Object.keys(roles).flatMap((role) => [...coveredFor(role)]));
  const named = shippedFiles().flatMap((file) => namedIn(file).map((name) => ({ file, name })));
  t.true(named.length > 20);
  t.deepEqual(
    named.filter(({ name }) => !covered.has(name)),
    [],
  );
});

test('nothing is given or issued that nothing on the node reads', (t) => {
  const text = shippedFiles()
    .map((file) => readFileSync(repositoryPath(file), 'utf8'))
    .join('\n');
  const unread = Object.keys(roles)
    .flatMap((role) => [...coveredFor(role)])
    .filter((file) => !file.startsWith(`${ISSUER}/`) && !text.includes(file));
  t.deepEqual([...new Set(unread)], []);
});

function leavesOf(role: string) {
  return leaves.certificates.filter(({ owner }) => owner in (bundles[role] ?? {}));
}

function filesOf({ owner, file }: { owner: string; file: string }): string[] {
  return [`${owner}/${file}.crt`, `${owner}/${file}.key`];
}

function givenTo(role: string): Set<string> {
  const owners = Object.entries(bundles[role] ?? {});
  return new Set(owners.flatMap(([owner, files]) => Object.keys(files).map((file) => `${owner}/${file}`)));
}

function coveredFor(role: string): Set<string> {
  return new Set([...givenTo(role), ...leavesOf(role).flatMap(filesOf)]);
}

/** By the unit, its drop-ins and the kubeconfig of its name; the kubelet's is also every agent's that speaks as the node. */
function filesNamedBy(unit: string): string[] {
  const name = path.basename(unit, '.service');
  const kubeconfigs = name === 'kubelet' ? ['kubelet', 'node'] : [name];
  return globSync(
    [
      `units/${unit}{,.hbs}`,
      `dropins/${unit}.d/*`,
      ...kubeconfigs.map((each) => `rootfs/usr/share/kiln/kubeconfig/${each}.kubeconfig`),
      `rootfs/etc/kubernetes/${name}.yaml`,
    ],
    { cwd: repositoryPath() },
  ).flatMap(namedIn);
}

function shippedFiles(): string[] {
  return globSync(['units/*', 'dropins/*/*', 'rootfs/**/*'], {
    cwd: repositoryPath(),
    withFileTypes: true,
  })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(repositoryPath(), path.join(entry.parentPath, entry.name)));
}

/** `<owner>/<file>` of every path below /etc/kubernetes/pki in it; patterns and bare folders are not files. */
function namedIn(file: string): string[] {
  const paths = readFileSync(repositoryPath(file), 'utf8').matchAll(
    /\/etc\/kubernetes\/pki\/([a-z-]+\/[A-Za-z0-9._-]+)/g,
  );
  return [...paths].map(([, name = '']) => name);
}
