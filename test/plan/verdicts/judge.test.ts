import test from 'ava';
import { minorOf } from '../../../src/catalog/compare-versions.js';
import { loadKubernetes, loadNetwork, loadOs } from '../../../src/catalog/load-catalog.js';
import type { Lock } from '../../../src/lock/lock.js';
import type { PlannedSpec } from '../../../src/plan/types.js';
import { judge, worstVerdict } from '../../../src/plan/verdicts/judge.js';
import { specOf } from '../../helpers/plans.js';

interface Case {
  os: string;
  kubernetes: string;
  rule: string;
  verdict: 'warn' | 'refused';
  network?: string;
  locked?: Record<string, string>;
  spec?: Partial<PlannedSpec>;
}

const CASES: Record<string, Case> = {
  'kubelet 1.35 on cgroup v1': {
    os: 'centos7',
    kubernetes: '1.35.7',
    rule: 'kubelet-refuses-cgroup-v1',
    verdict: 'refused',
  },
  'EL8 switched to cgroup v2': {
    os: 'rocky8',
    kubernetes: '1.35.7',
    rule: 'cgroup-switched-to-v2',
    verdict: 'warn',
  },
  'dynamic containerd 2.1 on glibc 2.17': {
    os: 'centos7',
    kubernetes: '1.29.15',
    rule: 'containerd-needs-newer-glibc',
    verdict: 'refused',
    locked: { containerd: '2.1.9' },
  },
  'containerd 2.x before Kubernetes 1.23': {
    os: 'debian12',
    kubernetes: '1.20.2',
    rule: 'containerd-too-new',
    verdict: 'refused',
    locked: { 'containerd-static': '2.0.11' },
  },
  'containerd too old for CRI v1': {
    os: 'debian12',
    kubernetes: '1.29.15',
    rule: 'containerd-too-old',
    verdict: 'refused',
    locked: { containerd: '1.5.18' },
  },
  'EL10 before the nftables proxy': {
    os: 'rocky10',
    kubernetes: '1.28.15',
    rule: 'no-usable-proxy-mode',
    verdict: 'refused',
  },
  'weave on a new minor': {
    os: 'debian12',
    kubernetes: '1.36.4',
    rule: 'network-not-for-this-kubernetes',
    verdict: 'refused',
    network: 'weave',
  },
  'pod and service networks that overlap': {
    os: 'debian12',
    kubernetes: '1.36.4',
    rule: 'pod-and-service-networks-overlap',
    verdict: 'refused',
    spec: { podCidr: '10.100.0.0/16' },
  },
  'an OS past its end of life': {
    os: 'centos7',
    kubernetes: '1.29.15',
    rule: 'os-out-of-support',
    verdict: 'warn',
  },
  'a Kubernetes past its end of life': {
    os: 'debian12',
    kubernetes: '1.20.2',
    rule: 'kubernetes-out-of-support',
    verdict: 'warn',
  },
  'a kernel older than Kubernetes is tested on': {
    os: 'centos7',
    kubernetes: '1.32.13',
    rule: 'kernel-older-than-tested',
    verdict: 'warn',
  },
  'a minor nobody proved on the OS': {
    os: 'centos7',
    kubernetes: '1.30.14',
    rule: 'newer-than-proven',
    verdict: 'warn',
  },
  'runc 1.3 on kernel 3.10': {
    os: 'centos7',
    kubernetes: '1.29.15',
    rule: 'runc-untested-on-kernel',
    verdict: 'warn',
    locked: { runc: '1.3.6' },
  },
  'no CoreDNS in the lock': {
    os: 'debian12',
    kubernetes: '1.20.2',
    rule: 'cluster-dns-not-baked',
    verdict: 'warn',
  },
};

for (const [title, { os, kubernetes, rule, verdict, network, locked, spec }] of Object.entries(CASES)) {
  test(`${title}: ${verdict}`, (t) => {
    const findings = judgeCase({
      os,
      kubernetes,
      network: network ?? 'none',
      locked: locked ?? {},
      spec: spec ?? {},
    });
    const found = findings.find((finding) => finding.rule === rule);
    t.is(found?.verdict, verdict, JSON.stringify(findings, null, 2));
    t.not(found?.source, '');
  });
}

test('nft 1.1.3 with a proxy that it breaks is refused, and with a mended one it is not', (t) => {
  const rules = (kubernetes: string): string[] => {
    const input = inputOf({ os: 'rocky10', kubernetes, network: 'none', locked: {}, spec: {} });
    return judge({ ...input, os: { ...input.os, facts: { ...input.os.facts, nft: '1.1.3' } } }).map(
      ({ rule }) => rule,
    );
  };
  t.true(rules('1.34.6').includes('nft-1.1.3-breaks-proxy'));
  t.false(rules('1.34.7').includes('nft-1.1.3-breaks-proxy'));
  t.true(rules('1.32.13').includes('nft-1.1.3-breaks-proxy'));
  t.false(rules('1.36.4').includes('nft-1.1.3-breaks-proxy'));
});

test('a current pair is ok', (t) => {
  const findings = judgeCase({
    os: 'debian13',
    kubernetes: '1.36.4',
    network: 'none',
    locked: { runc: '1.4.3', 'image/coredns': 'v1.14.2' },
    spec: {},
  });
  t.deepEqual(findings, []);
  t.is(worstVerdict(findings), 'ok');
});

function judgeCase(choice: Required<Omit<Case, 'rule' | 'verdict'>>): ReturnType<typeof judge> {
  return judge(inputOf(choice));
}

function inputOf({
  os,
  kubernetes,
  network,
  locked,
  spec,
}: Required<Omit<Case, 'rule' | 'verdict'>>): Parameters<typeof judge>[0] {
  return {
    spec: specOf(os, { kubernetes, network, ...spec }),
    os: loadOs(os),
    kubernetes: loadKubernetes(minorOf(kubernetes)),
    network: loadNetwork(network),
    lock: lockOf(kubernetes, locked),
  };
}

function lockOf(kubernetes: string, versions: Record<string, string>): Lock {
  const artifacts = Object.entries(versions).map(([name, version]) => ({
    name,
    version,
    arch: 'amd64' as const,
    kind: 'tar' as const,
    url: `https://example.org/${name}`,
    digest: `sha256:${'0'.repeat(64)}`,
    source: 'test',
  }));
  return { version: 1, source: 'upstream', kubernetes, artifacts };
}
