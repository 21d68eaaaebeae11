import { createHash } from 'node:crypto';
import { canonicalJson } from '../../../plan/canonical-json.js';

/** AWS takes 64 characters. */
const LENGTH = 60;

/** Everything one RunInstances call of a launch differs in from every other. */
export interface TokenParts {
  cluster: string;
  roles: readonly string[];
  name: string;
  subnet: string | undefined;
  type: string;
  /** Id and version. */
  template: string;
  /** Calls this launch made before for the same subnet, type and name. */
  ordinal: number;
  min: number;
  max: number;
  /** Ids AWS shows, dead ones too: of the instances of that name where one node bears it, else of all of these roles. */
  seen: readonly string[];
  /** Times this launch had to begin anew. */
  attempt: number;
}

/**
 * The token of one call, worked out and not by chance: a launch repeated after a crash, when AWS does not show its
 * instances yet, repeats its calls and is given the same instances; once something has come or gone it is a new call.
 */
export function clientToken(parts: TokenParts): string {
  const { seen, ...rest } = parts;
  return createHash('sha256')
    .update(canonicalJson({ ...rest, seen: [...seen].sort() }))
    .digest('hex')
    .slice(0, LENGTH);
}
