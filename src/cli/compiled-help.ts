import { existsSync, readFileSync } from 'node:fs';
import { repositoryPath } from '../repository.js';

/** Where the build puts the help text of a program's verb; of the program itself without one. */
export function compiledHelpPath(program: string, verb?: string): string {
  return repositoryPath('dist', 'help', verb === undefined ? `${program}.txt` : `${program}-${verb}.txt`);
}

/**
 * The help asked for, when that is all that was: as the build wrote it, so that nobody waits for the option parser to
 * load. `undefined` for any other command line.
 */
export function compiledHelp(args: readonly string[], program: string): string | undefined {
  const [last] = args.slice(-1);
  if (args.length > 2 || (last !== '--help' && last !== '-h')) return undefined;
  const verb = args.length === 2 ? args[0] : undefined;
  if (verb !== undefined && !/^[a-z]+$/.test(verb)) return undefined;
  const file = compiledHelpPath(program, verb);
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}
