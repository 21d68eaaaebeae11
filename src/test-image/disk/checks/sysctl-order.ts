import { loadOs } from '../../../catalog/load-catalog.js';
import type { Problem } from '../../types.js';
import type { DiskCheck, OpenDisk } from '../disk-context.js';
import { effectiveSysctls, listSysctlFiles } from '../sysctl-files.js';

/** systemd 245 was the first to read `*` in keys. Source: its NEWS. */
const FIRST_WITH_GLOBS = 245;

/** Of all sysctl.d files on the disk, what wins is what the plan expects. */
export const sysctlOrder: DiskCheck<OpenDisk> = {
  name: 'sysctl-order',
  title: 'No other sysctl file overrides the plan',
  async run({ plan, tree }) {
    const expected = Object.entries(plan.expected.sysctls);
    const globs = loadOs(plan.spec.os).facts.systemd >= FIRST_WITH_GLOBS;
    const files = await listSysctlFiles(tree);
    const effective = effectiveSysctls(files, Object.keys(plan.expected.sysctls), { globs });
    const problems = expected.flatMap(([key, value]): Problem[] => {
      const found = effective.get(key);
      if (found?.value === value) return [];
      if (found === undefined)
        return [{ subject: key, message: `expected ${value}, but no sysctl.d file sets it` }];
      const where = `${found.file} line ${found.line}`;
      const hint = `Remove the line, or give the plan's file a name that sorts after ${found.file.replace(/^.*\//, '')}.`;
      return [
        {
          subject: key,
          message: `expected ${value}, found ${found.value} from ${where}, which is read last`,
          hint,
        },
      ];
    });
    return { examined: expected.length, problems };
  },
};
