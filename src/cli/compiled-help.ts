import { existsSync, readFileSync } from 'node:fs';
import { repositoryPath } from '../repository.js';

/** Where the build puts the help text of a verb; of `bake` itself without one. */
export function compiledHelpPath(verb?: string): string {
  return repositoryPath('dist', 'help', `${verb ?? 'bake'}.txt`);
}

/**
 * The help asked for, when that is all that was: as the build wrote it, so that nobody waits for the option parser to
 * load. `undefined` for any other command line.
 */
export function compiledHelp(args: readonly string[]): string | undefined {
  const [last] = args.slice(-1);
  if (args.length > 2 || (last !== '--help' && last !== '-h')) return undefined;
  const verb = args.length === 2 ? args[0] : undefined;
  if (verb !== undefined && !/^[a-z]+$/.test(verb)) return undefined;
  const file = compiledHelpPath(verb);
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}
