import { loadComponents } from '../../catalog/load-catalog.js';
import { versionArgsOf } from '../../catalog/version-args.js';
import type { Plan } from '../../plan/types.js';
import type { BootCheck, BootContext, CheckOutcome, Problem } from '../types.js';
import { withFacts } from './with-facts.js';

export const programs: BootCheck = {
  name: 'programs',
  title: 'Programs run and are of the pinned version',
  run: checkPrograms,
};

/** First line of what a program said is enough to recognise it by. */
const SHOWN = 120;

function checkPrograms(context: BootContext): CheckOutcome {
  return withFacts(context, (facts) => {
    if (!facts.thorough)
      return { skipped: 'programs are the same in every role: they are asked in another boot' };
    const wanted = versionedPrograms(context.plan);
    const problems = wanted.flatMap(({ path, version }): Problem[] => {
      const message = problemOf(
        version,
        facts.programs.find((program) => program.path === path),
      );
      return message === undefined ? [] : [{ subject: path, message }];
    });
    return { examined: wanted.length, problems };
  });
}

/** Planned programs that can be asked for their version, each with the version of the artifact it comes from. */
function versionedPrograms({ files, artifacts }: Plan): { path: string; version: string }[] {
  const components = loadComponents();
  return files.flatMap((file) => {
    if (file.type !== 'file' || !('artifact' in file)) return [];
    const component = components[file.artifact];
    const version = artifacts.find(({ name }) => name === file.artifact)?.version;
    if (component === undefined || version === undefined) return [];
    return versionArgsOf(component, file.path).length === 0 ? [] : [{ path: file.path, version }];
  });
}

function problemOf(version: string, ran: { status: number; output: string } | undefined): string | undefined {
  if (ran === undefined)
    return `expected it to run and to be version ${version}, found that it was never run`;
  const said = ran.output.replaceAll(/\s+/g, ' ').trim().slice(0, SHOWN) || '(nothing)';
  if (ran.status !== 0)
    return `expected version ${version}, found that it ends with status ${ran.status}: ${said}`;
  return holdsVersion(ran.output, version) ? undefined : `expected version ${version}, found: ${said}`;
}

/** `1.20.2` is in `v1.20.2` and `1.20.2+ds1`, and neither in `1.20.21` nor in `11.20.2`. */
function holdsVersion(output: string, version: string): boolean {
  const literal = version.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`(?<![\\d.])${literal}(?![\\d]|\\.\\d)`).test(output);
}
