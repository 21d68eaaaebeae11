import { KilnError } from '../errors.js';

/** A DNS label: the cluster's name becomes part of host names. RFC 1123. */
const CLUSTER_NAME = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

const DEFAULT_CLUSTER = 'kiln';

/** The name given, or the default one. @throws KilnError USAGE for one that is no DNS label. */
export function parseClusterName(name: string = DEFAULT_CLUSTER): string {
  if (CLUSTER_NAME.test(name)) return name;
  throw new KilnError('USAGE', `${JSON.stringify(name)} cannot be a cluster's name`, {
    hint: 'Use lower-case letters, digits and dashes, at most 63, starting and ending with a letter or digit.',
  });
}
