import type { JudgeInput } from '../plan-input.js';
import type { Finding, Verdict } from '../types.js';
import { cgroupRules } from './cgroup-rules.js';
import { imageRules } from './image-rules.js';
import { lifetimeRules } from './lifetime-rules.js';
import { networkRules } from './network-rules.js';
import { proxyRules } from './proxy-rules.js';
import { runtimeRules } from './runtime-rules.js';

/** One rule of the support matrix: speaks when the pair has the trouble it knows. */
export type Rule = (input: JudgeInput) => Finding | undefined;

const RULES: readonly Rule[] = [
  ...cgroupRules,
  ...runtimeRules,
  ...proxyRules,
  ...networkRules,
  ...lifetimeRules,
  ...imageRules,
];

/** Every finding on this combination, refusals first. */
export function judge(input: JudgeInput): Finding[] {
  const findings = RULES.map((rule) => rule(input)).filter((finding) => finding !== undefined);
  return [
    ...findings.filter(({ verdict }) => verdict === 'refused'),
    ...findings.filter(({ verdict }) => verdict === 'warn'),
  ];
}

export function worstVerdict(findings: readonly Finding[]): Verdict {
  if (findings.some(({ verdict }) => verdict === 'refused')) return 'refused';
  return findings.length > 0 ? 'warn' : 'ok';
}
