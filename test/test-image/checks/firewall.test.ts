import { readFileSync } from 'node:fs';
import test from 'ava';
import { load } from 'js-yaml';
import { firewallSchema, portsSchema } from '../../../src/catalog/node.js';
import { readYaml } from '../../../src/catalog/read-yaml.js';
import { repositoryPath } from '../../../src/repository.js';
import { checked, goodContext, problemsOf, startUnit } from './context.js';

const KUBELET = `*mangle
:PREROUTING ACCEPT [0:0]
:KUBE-KUBELET-CANARY - [0:0]
COMMIT
*filter
:INPUT ACCEPT [10:600]
:KUBE-FIREWALL - [0:0]
-A INPUT -j KUBE-FIREWALL
-A KUBE-FIREWALL ! -s 127.0.0.0/8 -d 127.0.0.0/8 -j DROP
COMMIT`;

const NFT = `table ip filter {
	chain INPUT {
		type filter hook input priority filter; policy accept;
		counter packets 0 bytes 0 jump KUBE-FIREWALL
	}

	chain KUBE-FIREWALL {
		meta mark & 0x00008000 == 0x00008000 counter packets 0 bytes 0 drop
	}
}`;

test('a rule on a node without a role', (t) => {
  const context = goodContext({ roles: [] });
  context.facts.firewall.iptables =
    '*filter\n:INPUT ACCEPT [0:0]\n-A INPUT -p tcp --dport 22 -j DROP\nCOMMIT';
  t.deepEqual(problemsOf(context, 'firewall'), [
    'filter INPUT: expected no rule but those of units that run here, found: filter INPUT -p tcp --dport 22 -j DROP',
  ]);
});

test('a policy that drops, in either tool', (t) => {
  const context = goodContext({ roles: [] });
  context.facts.firewall.iptables = '*filter\n:FORWARD DROP [0:0]\nCOMMIT';
  context.facts.firewall.nft =
    'table inet fw {\n\tchain input {\n\t\ttype filter hook input priority filter; policy drop;\n\t}\n}';
  const problems = problemsOf(context, 'firewall').join('\n');
  t.regex(problems, /^filter FORWARD: .*policy drop$/m);
  t.regex(problems, /^fw input: .*policy drop$/m);
});

test('empty chains that accept, and sets, are no rules', (t) => {
  const context = goodContext({ roles: [] });
  context.facts.firewall.nft = `table ip nat {
	set hosts {
		type ipv4_addr
		elements = { 10.0.0.1 }
	}
	chain POSTROUTING {
		type nat hook postrouting priority srcnat; policy accept;
	}
}`;
  t.deepEqual(problemsOf(context, 'firewall'), []);
});

test('chains of Kubernetes are explained by units that run, and by nothing else', (t) => {
  const context = goodContext({ roles: ['minion'] });
  context.facts.firewall = { tools: ['nft', 'iptables-save'], nft: NFT, iptables: KUBELET };
  t.regex(problemsOf(context, 'firewall').join('\n'), /^mangle KUBE-KUBELET-CANARY: /);
  t.is(problemsOf(context, 'firewall').length, 6);
  startUnit(context, 'kubelet.service');
  t.deepEqual(problemsOf(context, 'firewall'), []);
  t.is(checked(context, 'firewall').examined, 7);
});

test('the masquerading of the routed network, by iptables and by nft', (t) => {
  const context = goodContext({ roles: ['minion'] });
  context.facts.firewall = {
    tools: ['nft', 'iptables-save'],
    iptables:
      '*nat\n:POSTROUTING ACCEPT [0:0]\n-A POSTROUTING -s 10.244.0.0/16 ! -d 10.244.0.0/16 -j MASQUERADE\nCOMMIT',
    nft: 'table ip kiln {\n\tchain postrouting {\n\t\ttype nat hook postrouting priority srcnat; policy accept;\n\t\tip saddr 10.244.0.0/16 ip daddr != 10.244.0.0/16 masquerade\n\t}\n}',
  };
  t.is(problemsOf(context, 'firewall').length, 2);
  startUnit(context, 'kube-routes.service');
  t.deepEqual(problemsOf(context, 'firewall'), []);
});

test('firewall.yaml and the listeners of ports.yaml satisfy their schemas', (t) => {
  for (const [file, schema] of [
    ['firewall.yaml', firewallSchema],
    ['ports.yaml', portsSchema],
  ] as const) {
    t.notThrows(() => schema.parse(load(readFileSync(repositoryPath('catalog', file), 'utf8'))), file);
  }
  const { rules } = readYaml('firewall.yaml') as { rules: { pattern: string }[] };
  for (const { pattern } of rules) t.notThrows(() => new RegExp(pattern, 'i'));
});

test('a node without either tool tells nothing', (t) => {
  const context = goodContext();
  context.facts.firewall = { tools: [], nft: '', iptables: '' };
  t.is(checked(context, 'firewall').status, 'skipped');
});
