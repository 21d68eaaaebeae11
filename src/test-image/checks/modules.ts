import type { BootCheck, BootContext, CheckOutcome, Problem } from '../types.js';
import { withFacts } from './with-facts.js';

export const modules: BootCheck = {
  name: 'modules',
  title: 'Kernel modules are loaded or built in',
  run: checkModules,
};

function checkModules(context: BootContext): CheckOutcome {
  return withFacts(context, ({ modules: present, kernel }) => {
    const expected = context.plan.expected.modules.map(underscored);
    const missing = expected.filter((name) => !present.some((other) => underscored(other) === name));
    if (context.rig === 'uml') {
      const notes = missing.map((name) => `${name}: the kernel of user-mode Linux (${kernel}) lacks it`);
      return { examined: expected.length - missing.length, problems: [], notes };
    }
    const problems = missing.map(
      (subject): Problem => ({
        subject,
        message: `expected it loaded or built into the kernel ${kernel}, found neither`,
        hint: 'see `journalctl -b -u systemd-modules-load.service`; the name may differ on this kernel (catalog/os)',
      }),
    );
    return { examined: expected.length, problems };
  });
}

/** The kernel takes dashes and underscores in a module's name for the same. */
function underscored(name: string): string {
  return name.replaceAll('-', '_');
}
