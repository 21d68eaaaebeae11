import type { Problem } from '../../types.js';
import type { BootEntry } from '../boot-entry.js';
import type { DiskCheck, OpenDisk } from '../disk-context.js';

/** The kernel is started with the plan's arguments, in the plan's order, and no others but those that find the root. */
export const kernelArguments: DiskCheck<OpenDisk> = {
  name: 'kernel-arguments',
  title: "Kernel command line is the plan's",
  async run({ boots, facts, plan }) {
    const { allowed, rescue } = facts.kernelArguments;
    const entries = boots.filter(({ arguments: given }) => !given.some((word) => rescue.includes(word)));
    if (entries.length === 0)
      return {
        examined: 0,
        problems: [{ subject: 'kernel', message: 'expected a kernel to boot, found none' }],
      };
    const problems = entries.flatMap((entry) => compare(entry, plan.kernelArguments, allowed));
    return { examined: entries.length * plan.kernelArguments.length, problems };
  },
};

function compare(
  { source, title, arguments: given }: BootEntry,
  planned: readonly string[],
  allowed: readonly string[],
): Problem[] {
  const own = given.filter((word) => !allowed.includes(word.split('=')[0] ?? ''));
  const missing = planned.filter((word) => !own.includes(word));
  const extra = own.filter((word) => !planned.includes(word));
  const problem = (message: string): Problem => ({
    subject: source,
    message: `"${title}": ${message}`,
    hint: 'Kernel arguments are in catalog/os; what a loader may add is in catalog/disk-checks.yaml.',
  });
  if (missing.length > 0 || extra.length > 0)
    return [
      ...missing.map((word) => problem(`expected ${word}, found it missing`)),
      ...extra.map((word) => problem(`expected only the plan's arguments, found ${word} besides`)),
    ];
  if (own.join(' ') === planned.join(' ')) return [];
  // Order matters: the last console= becomes /dev/console.
  return [problem(`expected the order ${planned.join(' ')}, found ${own.join(' ')}`)];
}
