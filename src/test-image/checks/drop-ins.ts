import type { GuestUnit } from '../../boot/probe/guest-facts.js';
import { loadUnits } from '../../lint/load-units.js';
import type { BootCheck, BootContext, CheckOutcome, Problem } from '../types.js';
import { withFacts } from './with-facts.js';

export const dropIns: BootCheck = {
  name: 'drop-ins',
  title: 'systemd reads the planned unit files and drop-ins',
  run: checkDropIns,
};

/** A gate on the disk is no gate in force: another file of the same name, or a unit in /etc, may hide it. */
function checkDropIns(context: BootContext): CheckOutcome {
  return withFacts(context, ({ units }) => {
    const known = new Map(units.map((unit) => [unit.name, unit]));
    if (units.every(({ dropins }) => dropins === undefined)) {
      return { skipped: 'the probe did not ask systemd which files it read' };
    }
    const planned = [...loadUnits(context.plan.files).units.values()];
    const present = planned.filter(({ name }) => known.get(name)?.load === 'loaded');
    const problems = present.flatMap(({ name, file, dropins }) =>
      problemsOf(known.get(name), { name, file, dropins }),
    );
    return { examined: present.length, problems };
  });
}

function problemsOf(
  unit: GuestUnit | undefined,
  planned: { name: string; file: string | undefined; dropins: string[] },
): Problem[] {
  const problems: Problem[] = [];
  const { name: subject, file } = planned;
  if (file !== undefined && unit?.fragment !== undefined && !isSame(unit.fragment, file)) {
    problems.push({
      subject,
      message: `expected systemd to read ${file}, found that it reads ${unit.fragment}`,
    });
  }
  const read = unit?.dropins ?? [];
  for (const dropin of planned.dropins.filter((path) => !read.some((other) => isSame(other, path)))) {
    problems.push({
      subject,
      message: `expected systemd to read the drop-in ${dropin}, found that it does not`,
    });
  }
  return problems;
}

/** /lib is /usr/lib wherever both exist. */
function isSame(left: string, right: string): boolean {
  return left.replace(/^\/lib\//, '/usr/lib/') === right.replace(/^\/lib\//, '/usr/lib/');
}
