import type { FirewallRule } from '../../catalog/node.js';
import { readYaml } from '../../catalog/read-yaml.js';
import type { BootCheck, BootContext, CheckOutcome, Problem } from '../types.js';
import { withFacts } from './with-facts.js';

export const firewall: BootCheck = {
  name: 'firewall',
  title: 'No packet filter rules but those of the running units',
  run: checkFirewall,
};

/** Rules, chains that drop by policy, and chains someone made: each as `<table> <chain> <rule>`. */
function checkFirewall(context: BootContext): CheckOutcome {
  return withFacts(context, ({ firewall: { tools, nft, iptables }, units }) => {
    if (tools.length === 0) return { skipped: 'the node has neither nft nor iptables-save to ask' };
    const active = new Set(units.filter((unit) => unit.active === 'active').map(({ name }) => name));
    const known = (readYaml('firewall.yaml') as { rules: FirewallRule[] }).rules.filter((rule) =>
      rule.units.some((unit) => active.has(unit)),
    );
    const entries = [...new Set([...iptablesEntries(iptables), ...nftEntries(nft)])];
    const strange = entries.filter(
      (entry) => !known.some(({ pattern }) => new RegExp(pattern, 'i').test(entry)),
    );
    const problems = strange.map(
      (entry): Problem => ({
        subject: entry.split(' ').slice(0, 2).join(' '),
        message: `expected no rule but those of units that run here, found: ${entry}`,
        hint: 'the image brings no firewall; see which service made it, and catalog/firewall.yaml for those that may',
      }),
    );
    return { examined: entries.length + 1, problems };
  });
}

/** `*table`, `:CHAIN POLICY [counters]` and `-A CHAIN rule`. Empty built-in chains that accept are no rules. */
function iptablesEntries(text: string): string[] {
  let table = '';
  return text.split('\n').flatMap((line) => {
    const words = line.trim().split(/\s+/);
    if (line.startsWith('*')) table = line.slice(1).trim();
    if (line.startsWith('-A')) return [[table, ...words.slice(1)].join(' ')];
    if (!line.startsWith(':') || words[1] === 'ACCEPT') return [];
    return [
      `${table} ${words[0]?.slice(1)} ${words[1] === '-' ? '(chain)' : `policy ${words[1]?.toLowerCase()}`}`,
    ];
  });
}

/** `table FAMILY NAME {`, `chain NAME {`, and what stands in them; sets and comments are no rules. */
function nftEntries(text: string): string[] {
  let table = '';
  let chain = '';
  return text.split('\n').flatMap((raw) => {
    const line = raw.trim();
    const opened = /^(table \S+|chain|set|map|flowtable|ct \S+) (\S+) \{/.exec(line);
    if (opened?.[1]?.startsWith('table')) table = opened[2] ?? '';
    else if (opened !== null) chain = opened[1] === 'chain' ? (opened[2] ?? '') : '';
    if (opened !== null || chain === '' || line === '' || line.startsWith('#')) return [];
    if (line === '}') {
      chain = '';
      return [];
    }
    const policy = /^type \S+ hook .*policy (\w+);/.exec(line);
    if (line.startsWith('type ') && (policy === null || policy[1] === 'accept')) return [];
    return [`${table} ${chain} ${policy === null ? line : `policy ${policy[1]}`}`];
  });
}
