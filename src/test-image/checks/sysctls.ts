import { sysctlsInForce } from '../../plan/sysctls-in-force.js';
import type { BootCheck, BootContext, CheckOutcome, Problem } from '../types.js';
import { withFacts } from './with-facts.js';

export const sysctls: BootCheck = {
  name: 'sysctls',
  title: 'Kernel settings are in force after boot',
  run: checkSysctls,
};

function checkSysctls(context: BootContext): CheckOutcome {
  return withFacts(context, (facts) => {
    const problems: Problem[] = [];
    const notes: string[] = [];
    let examined = 0;
    for (const [key, value] of Object.entries(sysctlsInForce(context.plan, context.cell.roles))) {
      const found = facts.sysctls[key];
      if (found === undefined && context.rig === 'uml') {
        notes.push(`${key}: the kernel of user-mode Linux (${facts.kernel}) has no such key`);
        continue;
      }
      examined += 1;
      if (found !== undefined && plain(found) === plain(value)) continue;
      problems.push({ subject: key, ...problemOf(value, found) });
    }
    return { examined, problems, notes };
  });
}

function problemOf(expected: string, found: string | undefined): { message: string; hint: string } {
  if (found === undefined) {
    return {
      message: `expected ${expected}, found that the kernel has no such key`,
      hint: 'the module that brings the key must be loaded before systemd-sysctl runs: see the modules check',
    };
  }
  return {
    message: `expected ${expected}, found ${found}`,
    hint: 'a file of sysctl.d that sorts later, or a program started later, set it again',
  };
}

/** The kernel separates with tabs what people write with spaces. */
function plain(value: string): string {
  return value.trim().split(/\s+/).join(' ');
}
