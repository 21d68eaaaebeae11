import path from 'node:path';

/** The program the person started, for the first word of what it says on stderr. */
export function programName(): 'bake' | 'launch' {
  return path.basename(process.argv[1] ?? '', '.js') === 'launch' ? 'launch' : 'bake';
}
