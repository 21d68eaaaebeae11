import type { Plan } from './types.js';

/**
 * key → value in force on a node of these roles: the plan's own, and those of `/usr/lib/kiln/sysctl-<role>.conf`, which a
 * unit of that role applies when it starts. Without `roles`, those of every role.
 */
export function sysctlsInForce(
  plan: Plan,
  roles: readonly string[] = plan.roles.map(({ name }) => name),
): Record<string, string> {
  const ofRoles = roles.map((role) => {
    const file = plan.files.find(({ path }) => path === `/usr/lib/kiln/sysctl-${role}.conf`);
    return file?.type === 'file' && 'content' in file ? parseSysctls(file.content) : {};
  });
  return Object.assign({}, plan.expected.sysctls, ...ofRoles) as Record<string, string>;
}

function parseSysctls(content: string): Record<string, string> {
  const pairs = content.split('\n').flatMap((line) => {
    const match = /^\s*([^#;=\s]+)\s*=\s*(.*?)\s*$/.exec(line);
    return match === null ? [] : [[match[1] ?? '', match[2] ?? '']];
  });
  return Object.fromEntries(pairs) as Record<string, string>;
}
