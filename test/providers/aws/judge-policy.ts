import { readPolicy, type Statement } from './policies.js';

/** A request as IAM sees it: the action on one resource, and what it knows of request and resource by condition key. */
export interface Attempt {
  action: string;
  resource: string;
  keys?: Readonly<Record<string, string>>;
}

/** What the words in capitals stand for when the tests judge. */
const WORDS = {
  REGION: 'eu-central-1',
  ACCOUNT: '111122223333',
  CLUSTER: 'demo',
  PROFILE: 'kiln-nodes',
  NODE_ROLE: 'kiln-nodes',
  VPC: 'vpc-1',
} as const;

/**
 * Whether a policy of `policies/` allows it, as IAM's rules say: one statement of which action, resource and every condition hold.
 * Source: IAM user guide, policy evaluation logic and condition operators. Which keys AWS gives is the caller's to know.
 */
export function isAllowed(policy: string, { action, resource, keys = {} }: Attempt): boolean {
  const filled = JSON.stringify(readPolicy(policy).Statement).replace(
    /\b(REGION|ACCOUNT|CLUSTER|PROFILE|NODE_ROLE|VPC)\b/g,
    (word) => WORDS[word as keyof typeof WORDS],
  );
  return (JSON.parse(filled) as Statement[]).some(
    ({ Effect, Action, Resource, Condition = {} }) =>
      Effect === 'Allow' &&
      [Action].flat().includes(action) &&
      [Resource].flat().some((pattern) => matches(pattern, resource)) &&
      Object.entries(Condition).every(([operator, wanted]) =>
        Object.entries(wanted).every(([key, values]) => holds(operator, [values].flat(), keys[key])),
      ),
  );
}

function holds(operator: string, values: readonly string[], given: string | undefined): boolean {
  switch (operator) {
    case 'Null':
      return values.includes(String(given === undefined));
    case 'StringEquals':
      return given !== undefined && values.includes(given);
    case 'StringEqualsIfExists':
      return given === undefined || values.includes(given);
    case 'ArnEquals':
      return given !== undefined && values.some((pattern) => matches(pattern, given));
    default:
      throw new Error(`no rule for ${operator}`);
  }
}

/** `*` stands for anything, `?` for one character. */
function matches(pattern: string, text: string): boolean {
  const escaped = pattern.replace(/[.+^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^${escaped.replaceAll('*', '.*').replaceAll('?', '.')}$`).test(text);
}
