import { readFileSync } from 'node:fs';
import test from 'ava';
import { load } from 'js-yaml';
import { componentsSchema } from '../../src/catalog/components.js';
import { loadComponents } from '../../src/catalog/load-catalog.js';
import { repositoryPath } from '../../src/repository.js';

const components = Object.entries(loadComponents());

test('components.yaml satisfies the schema', (t) => {
  t.notThrows(() =>
    componentsSchema.parse(load(readFileSync(repositoryPath('catalog', 'components.yaml'), 'utf8'))),
  );
});

for (const [name, component] of components) {
  test(`${name}: says where its files go, each named one by one`, (t) => {
    const targets = [component.path, ...Object.values(component.members ?? {})].filter(
      (path) => path !== undefined,
    );
    t.true(targets.length > 0);
    t.is(
      component.path === undefined,
      component.members !== undefined,
      'the whole artifact, or members of it',
    );
    t.is(new Set(targets).size, targets.length);
    for (const text of [...targets, ...Object.keys(component.members ?? {})]) t.notRegex(text, /\*|\/$|\.\./);
  });
}

test('no two components that one image can hold want the same path', (t) => {
  // The server archive stands in for the single programs, the static containerd for the dynamic one.
  const together = components.filter(([name]) => name !== 'kubernetes-server' && name !== 'containerd');
  const paths = together.flatMap(([, { path, members }]) => [
    ...(path === undefined ? [] : [path]),
    ...Object.values(members ?? {}),
  ]);
  t.deepEqual(paths.toSorted(), [...new Set(paths)].toSorted());
});

test('the alternatives put the same files in the same places', (t) => {
  const all = loadComponents();
  t.deepEqual(all['containerd-static']?.members, all.containerd?.members);
  const single = Object.values(all['kubernetes-server']?.members ?? {}).toSorted();
  const names = [
    'kube-apiserver',
    'kube-controller-manager',
    'kube-proxy',
    'kube-scheduler',
    'kubectl',
    'kubelet',
  ];
  t.deepEqual(names.map((name) => all[name]?.path).toSorted(), single);
});
