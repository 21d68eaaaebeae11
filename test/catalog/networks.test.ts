import test from 'ava';
import { listKubernetes, listNetworks, loadComponents, loadNetwork } from '../../src/catalog/load-catalog.js';
import { networkSchema } from '../../src/catalog/network.js';

/** CNI plugins that reach the node with the container runtime's own (`cni-plugins`). */
const COMMON_PLUGINS = Object.keys(loadComponents()['cni-plugins']?.members ?? {});

for (const name of listNetworks()) {
  test(`${name}: satisfies the schema and says who it is`, (t) => {
    const network = loadNetwork(name);
    t.deepEqual(networkSchema.parse(network), network);
    t.is(network.name, name);
  });

  test(`${name}: its components are known, with a version for every minor it serves`, (t) => {
    const { components, kubernetes } = loadNetwork(name);
    for (const [component, versions] of Object.entries(components)) {
      t.truthy(loadComponents()[component], component);
      for (const minor of servedMinors(kubernetes))
        t.truthy(versions[minor] ?? versions.default, `${component} for ${minor}`);
      const unserved = Object.keys(versions).filter(
        (key) => key !== 'default' && !servedMinors(kubernetes).includes(key),
      );
      t.deepEqual(unserved, [], `${component} has versions for minors the network refuses`);
    }
    t.true(servedMinors(kubernetes).length > 0);
  });

  test(`${name}: every CNI plugin its configuration names is on the node`, (t) => {
    const { cniConfig, containerdConfTemplate, components } = loadNetwork(name);
    t.false(cniConfig !== undefined && containerdConfTemplate !== undefined, 'one configuration, not two');
    const here = new Set([...COMMON_PLUGINS, ...('flannel-cni-plugin' in components ? ['flannel'] : [])]);
    const missing = pluginTypes(cniConfig?.content ?? containerdConfTemplate).filter(
      (type) => !here.has(type),
    );
    t.deepEqual(missing, []);
  });

  test(`${name}: paths are absolute, modes octal, ports told once`, (t) => {
    const { files, ports, unit, manifests } = loadNetwork(name);
    for (const { path, mode } of files) {
      t.regex(path, /^\/[^\s]+[^/]$/);
      t.regex(mode, /^0[0-7]{3}$/);
    }
    const keys = ports.map(({ port, protocol, address }) => `${port}/${protocol}/${address}`);
    t.is(new Set(keys).size, keys.length);
    if (ports.length > 0) t.regex(unit ?? '', /^[a-z-]+\.service$/, 'something has to listen');
    for (const { file } of manifests) t.is(file, `${name}.yaml`);
  });

  test(`${name}: its manifests grant what they define, to nodes only`, (t) => {
    const objects = loadNetwork(name).manifests.flatMap(({ content }) => content);
    const roles = objects.filter(({ kind }) => kind === 'ClusterRole' || kind === 'Role').map(nameOf);
    t.is(roles.length * 2, objects.length, 'a binding for each role and nothing else');
    for (const binding of objects.filter(({ kind }) => String(kind).endsWith('Binding'))) {
      const { roleRef, subjects } = binding as { roleRef: { name: string }; subjects: { name: string }[] };
      t.true(roles.includes(roleRef.name), roleRef.name);
      t.deepEqual(
        subjects.map(({ name: subject }) => subject),
        ['system:nodes'],
      );
    }
  });
}

test('the networks that route by node ranges have the control plane hand them out', (t) => {
  for (const name of ['flannel', 'kube-router', 'routed']) t.true(loadNetwork(name).allocateNodeCidrs, name);
});

test('routed needs no download', (t) => {
  t.deepEqual(loadNetwork('routed').components, {});
});

function servedMinors({ min, max }: { min: string; max?: string | undefined }): string[] {
  const minors = listKubernetes();
  return minors.slice(minors.indexOf(min), max === undefined ? undefined : minors.indexOf(max) + 1);
}

/** Every `type` of a plugin, its delegate and its address manager. */
function pluginTypes(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, child]) =>
    key === 'type' && typeof child === 'string' ? [child] : pluginTypes(child),
  );
}

function nameOf(object: Record<string, unknown>): string {
  return (object.metadata as { name: string }).name;
}
