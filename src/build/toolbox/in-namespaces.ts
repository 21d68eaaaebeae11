/** Without a grandparent in between, `unshare --fork` would ignore the signal that is to end it. */
const SUPERVISE = 'setpriv --pdeathsig KILL "$@" & wait "$!"';

/**
 * Wraps a command so that it has its own mount and process namespaces and ends, with all it started and every mount it
 * made, at once when kiln ends it or kiln itself is gone.
 */
export function inNamespaces(
  command: readonly string[],
  { options = [] }: { options?: readonly string[] } = {},
): { file: string; args: string[] } {
  const unshare = [
    'unshare',
    '--mount',
    '--pid',
    '--fork',
    '--kill-child',
    '--propagation',
    'private',
    ...options,
  ];
  return {
    file: 'setpriv',
    args: ['--pdeathsig', 'TERM', 'sh', '-c', SUPERVISE, 'kiln', ...unshare, ...command],
  };
}
