import { checkTools, type ToolState } from '../../tools/check-tools.js';
import { formatTable, printResult } from '../print.js';

interface DoctorOptions {
  for?: string[] | undefined;
  json?: true | undefined;
  missingPackages?: true | undefined;
}

/** `bake doctor`: exits 1 when a tool is missing, with the packages to install. */
export async function runDoctor(options: DoctorOptions): Promise<void> {
  const states = await checkTools(options.for);
  const missing = states.filter(({ path, tooOld }) => path === undefined || tooOld);
  const packages = [...new Set(missing.map(({ tool }) => tool.packages.debian))];
  if (options.missingPackages === true) {
    process.stdout.write(packages.map((name) => `${name}\n`).join(''));
    return;
  }
  const mend =
    packages.length === 0 ? 'All there.' : `On Debian or Ubuntu: apt-get install ${packages.join(' ')}`;
  const result = states.map(({ tool, path, version, tooOld }) => ({ ...tool, path, version, tooOld }));
  printResult(result, `${formatTable(states.map(row))}\n\n${mend}`, options);
  if (missing.length > 0) process.exitCode = 1;
}

function row({ tool, path, version, tooOld }: ToolState): string[] {
  const state = path === undefined ? 'MISSING' : tooOld ? 'TOO OLD' : 'ok';
  return [
    state,
    tool.name,
    version ?? '',
    tool.purpose,
    tool.for === undefined ? '' : `(${tool.for.join(', ')})`,
  ];
}
