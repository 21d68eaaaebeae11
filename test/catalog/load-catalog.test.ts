import test from 'ava';
import {
  listKubernetes,
  listNetworks,
  listOs,
  loadComponents,
  loadKubernetes,
  loadNetwork,
  loadOs,
  loadPins,
  loadRoles,
} from '../../src/catalog/load-catalog.js';
import { KilnError } from '../../src/errors.js';

test('a minor is the defaults with its differences merged in', (t) => {
  const minor = loadKubernetes('1.20');
  t.is(minor.packaging, 'server-tarball');
  t.deepEqual(minor.args['kube-scheduler'], { port: '0' });
  t.deepEqual(minor.args['kube-proxy'], {}, 'from the defaults');
  t.deepEqual(minor.kubeProxy.modes, ['iptables', 'ipvs'], 'from the defaults');
  t.false(minor.kubelet.refusesCgroupV1, 'beside its own kubelet.config');
  t.deepEqual(loadKubernetes('1.36').kubeProxy.modes, ['iptables', 'ipvs', 'nftables'], 'a list replaces');
});

test('loading one minor leaves another untouched', (t) => {
  const before = structuredClone(loadKubernetes('1.36'));
  loadKubernetes('1.20').kubeProxy.modes.push('nftables');
  t.deepEqual(loadKubernetes('1.36'), before);
});

test('lists are complete and in order', (t) => {
  t.deepEqual(
    listKubernetes(),
    Array.from({ length: 18 }, (_, index) => `1.${20 + index}`),
  );
  t.deepEqual(listNetworks(), ['flannel', 'kube-router', 'none', 'routed', 'weave']);
  t.true(listOs().includes('debian12'));
});

test('roles and components are there by name', (t) => {
  t.is(loadRoles().master?.marker, '/etc/sysconfig/kubernetes-master');
  t.is(loadComponents().runc?.path, '/usr/local/sbin/runc');
});

test('pins are found by name and version, whatever file they are in', (t) => {
  const arches = (name: string, version: string) => loadPins(name, version).map(({ arch }) => arch);
  t.deepEqual(arches('kubelet', loadKubernetes('1.36').version), ['amd64', 'arm64']);
  t.deepEqual(arches('kubernetes-server', loadKubernetes('1.20').version), ['amd64', 'arm64']);
  t.deepEqual(arches('image/pause', '3.2'), ['index']);
  t.deepEqual(arches('kube-router', '2.11.1'), ['index']);
  t.deepEqual(arches('etcd', '0.0.1'), [], 'no such version');
  t.deepEqual(arches('etcdd', '3.5.33'), [], 'no such component');
});

test('an unknown name is refused with the nearest one', (t) => {
  const os = t.throws<KilnError>(() => loadOs('debain12'), { instanceOf: KilnError });
  t.is(os?.code, 'UNKNOWN_NAME');
  t.is(os?.exitCode, 2);
  t.is(os?.message, 'Unknown OS "debain12"; did you mean debian12?');
  t.regex(os?.hint ?? '', /debian13.*`bake list os`/);

  const network = t.throws<KilnError>(() => loadNetwork('flanel'), { instanceOf: KilnError });
  t.is(network?.message, 'Unknown network "flanel"; did you mean flannel?');

  const far = t.throws<KilnError>(() => loadOs('a-name-far-from-all'), { instanceOf: KilnError });
  t.is(far?.message, 'Unknown OS "a-name-far-from-all"', 'no guess when nothing is near');
});

test('a name never reaches outside its folder', (t) => {
  for (const name of ['../roles', 'defaults', '', '1.20.yaml', '__proto__']) {
    t.throws(() => loadKubernetes(name), { instanceOf: KilnError, message: /^Unknown Kubernetes minor / });
  }
});
