import { readFileSync } from 'node:fs';
import test from 'ava';
import { isOlder } from '../../src/catalog/compare-versions.js';
import {
  listKubernetes,
  listNetworks,
  listOs,
  loadKubernetes,
  loadNetwork,
} from '../../src/catalog/load-catalog.js';
import type { Plan } from '../../src/plan/types.js';
import { repositoryPath } from '../../src/repository.js';
import { planOf } from '../helpers/plans.js';
import { missingPieces } from './missing-pieces.js';

const plansOf = new Map<string, Plan[]>();

for (const network of listNetworks()) {
  for (const os of listOs()) {
    const plans = allowedPlans(network, os);
    // That every such pair is refused for a reason is the support matrix's own test.
    if (plans.length === 0) continue;
    test(`${network} on ${os}: complete for ${minors(plans)}`, (t) => {
      for (const plan of plans) t.deepEqual(missingPieces(plan), [], `Kubernetes ${plan.spec.kubernetes}`);
    });
  }

  test(`${network}: some OS and minor is allowed`, (t) => {
    t.true(listOs().some((os) => allowedPlans(network, os).length > 0));
  });

  test(`${network}: a piece that is taken away is missed`, (t) => {
    const plan = listOs().flatMap((os) => allowedPlans(network, os))[0] as Plan;
    for (const path of piecesOf(network)) {
      const file = plan.files.find((each) => each.path === path);
      t.truthy(file, `${path} is no piece of ${network}`);
      const without = { ...plan, files: plan.files.filter((each) => each !== file) };
      t.not(missingPieces(without).length, 0, `nobody missed ${path}`);
    }
    if (loadNetwork(network).needs.length > 0) t.not(missingPieces({ ...plan, packages: [] }).length, 0);
    if (loadNetwork(network).ports.length > 0) t.not(missingPieces({ ...plan, ports: [] }).length, 0);
  });
}

test('kube-router is told where its CNI configuration is: it looks for another name and ends when that is absent', (t) => {
  // cloudnativelabs/kube-router pkg/controllers/routing/network_routes_controller.go: 10-kuberouter.conf is its default.
  const unit = readFileSync(repositoryPath('units/kube-router.service'), 'utf8');
  const { cniConfig } = loadNetwork('kube-router');
  t.true(unit.includes(`KUBE_ROUTER_CNI_CONF_FILE=/etc/cni/net.d/${cniConfig?.file}`));
});

test('kube-router is told the range of services: its network policies let it through', (t) => {
  // cloudnativelabs/kube-router pkg/options/options.go@03d5b6ee832d: 10.96.0.0/12 by default.
  const unit = readFileSync(repositoryPath('units/kube-router.service'), 'utf8');
  t.regex(unit, /--service-cluster-ip-range=\$\{SERVICE_CIDR\}/);
});

test('the BGP administration of kube-router, which asks for no password, is listed where it listens', (t) => {
  // GHSA-v5mh-h5hx-7v92: the node's own address besides 127.0.0.1. The flag that turns it off came in March 2025 (pull request 1820).
  const { ports, components } = loadNetwork('kube-router');
  const listed = ports.find(({ port }) => port === 50051);
  t.is(listed?.address, '0.0.0.0');
  if (Object.values(components['kube-router'] ?? {}).some((version) => isOlder(version, '2.5'))) {
    t.notRegex(readFileSync(repositoryPath('units/kube-router.service'), 'utf8'), /--gobgp-admin-port/);
  }
});

/** The newest and the oldest Kubernetes that kiln does not refuse to bake with this network on this OS. */
function allowedPlans(network: string, os: string): Plan[] {
  const known = plansOf.get(`${network} ${os}`);
  if (known !== undefined) return known;
  const { min, max } = loadNetwork(network).kubernetes;
  const all = listKubernetes();
  const served = all.slice(all.indexOf(min), max === undefined ? undefined : all.indexOf(max) + 1);
  const newest = firstAllowed(served.toReversed(), { network, os });
  const oldest = newest === undefined ? undefined : firstAllowed(served, { network, os });
  const plans = [newest, oldest].filter((plan) => plan !== undefined);
  plansOf.set(`${network} ${os}`, plans);
  return plans;
}

function firstAllowed(
  served: readonly string[],
  { network, os }: { network: string; os: string },
): Plan | undefined {
  for (const minor of served) {
    const plan = planOf(os, { network, kubernetes: loadKubernetes(minor).version });
    if (plan.verdict !== 'refused') return plan;
  }
  return undefined;
}

function minors(plans: readonly Plan[]): string {
  return plans.map(({ spec }) => spec.kubernetes).join(' and ');
}

/** Files that each network stands or falls with. */
function piecesOf(network: string): string[] {
  const { unit } = loadNetwork(network);
  const units =
    unit === undefined
      ? []
      : [`/usr/lib/systemd/system/${unit}`, `/usr/lib/systemd/system/${unit}.d/10-role.conf`];
  const own: Record<string, string[]> = {
    flannel: [
      '/usr/local/bin/flanneld',
      '/opt/cni/bin/flannel',
      '/opt/cni/bin/bridge',
      '/etc/cni/net.d/10-flannel.conflist',
      '/etc/kube-flannel/net-conf.json',
      '/usr/share/kiln/addons/flannel.yaml',
      '/usr/share/kiln/kubeconfig/node.kubeconfig',
    ],
    'kube-router': [
      '/usr/local/bin/kube-router',
      '/etc/cni/net.d/10-kuberouter.conflist',
      '/opt/cni/bin/host-local',
      '/usr/share/kiln/addons/kube-router.yaml',
    ],
    weave: [
      '/usr/libexec/kiln/weave',
      '/usr/share/kiln/images/weave-kube.tar',
      '/usr/lib/kiln/kubernetes.env',
      '/opt/cni/bin/portmap',
    ],
    routed: [
      '/usr/libexec/kiln/kube-routes',
      '/etc/containerd/cni.conflist.template',
      '/usr/local/bin/kubectl',
      '/usr/share/kiln/addons/routed.yaml',
    ],
    none: [],
  };
  return [
    ...units,
    ...(own[network] ?? []),
    '/opt/cni/bin/loopback',
    '/etc/modules-load.d/kiln.conf',
    '/etc/containerd/config.toml',
  ];
}
