import test from 'ava';
import { loadAll } from 'js-yaml';
import { resolveLock } from '../../../src/lock/resolve-lock.js';
import { createPlan } from '../../../src/plan/plan.js';
import type { Plan } from '../../../src/plan/types.js';
import { specOf } from '../../helpers/plans.js';

const FILE = '/usr/share/kiln/addons/50-cluster-dns.yaml';
const spec = specOf('debian12', { kubernetes: '1.36.4', network: 'flannel' });
const lock = resolveLock(spec);

test('CoreDNS runs from the baked image, at the address every kubelet gives its pods', (t) => {
  const plan = createPlan({ ...spec, serviceCidr: '10.112.0.0/16', clusterDomain: 'demo.local' }, lock);
  const objects = loadAll(contentOf(plan, FILE)) as Manifest[];
  const deployment = objects.find(({ kind }) => kind === 'Deployment');
  t.regex(
    deployment?.spec?.template?.spec?.containers?.[0]?.image ?? '',
    /^registry\.k8s\.io\/coredns\/coredns:v/,
  );
  const address = objects.find(({ kind }) => kind === 'Service')?.spec?.clusterIP;
  t.true(contentOf(plan, '/etc/kubernetes/kubelet.yaml').includes(address ?? 'none'));
  t.regex(objects.find(({ kind }) => kind === 'ConfigMap')?.data?.Corefile ?? '', /kubernetes demo\.local /);
  t.notRegex(contentOf(plan, FILE), /\{(image|clusterDns|clusterDomain)\}/);
});

test('without the image nothing of it is baked, and the plan says so', (t) => {
  const artifacts = lock.artifacts.filter(({ name }) => name !== 'image/coredns');
  const plan = createPlan(spec, { ...lock, artifacts });
  t.false(plan.files.some(({ path }) => path === FILE));
  t.true(plan.findings.some(({ rule }) => rule === 'cluster-dns-not-baked'));
});

interface Manifest {
  kind: string;
  data?: { Corefile?: string };
  spec?: { clusterIP?: string; template?: { spec?: { containers?: { image?: string }[] } } };
}

function contentOf(plan: Plan, path: string): string {
  const file = plan.files.find((each) => each.path === path);
  return file?.type === 'file' && 'content' in file ? file.content : '';
}
