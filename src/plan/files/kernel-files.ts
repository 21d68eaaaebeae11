import { applies } from '../applies.js';
import { compareText } from '../canonical-json.js';
import type { PlanInput } from '../plan-input.js';
import type { PlannedFile } from '../types.js';

/** Sorts after `99-sysctl.conf`, the link to /etc/sysctl.conf, which would otherwise have the last word. */
const SYSCTL_FILE = '/etc/sysctl.d/99-zz-kubernetes.conf';
const MODULES_FILE = '/etc/modules-load.d/kiln.conf';

/** sysctl.d and modules-load.d: modules are loaded first, so that keys of br_netfilter exist when they are set. */
export function kernelFiles(input: PlanInput): PlannedFile[] {
  const lines = Object.entries(sysctls(input)).map(([key, value]) => `${key} = ${value}\n`);
  const files: PlannedFile[] = [
    configFile(SYSCTL_FILE, `# Made by kiln from catalog/sysctls.yaml.\n${lines.join('')}`),
    configFile(
      MODULES_FILE,
      `# Made by kiln.\n${kernelModules(input)
        .map((name) => `${name}\n`)
        .join('')}`,
    ),
  ];
  for (const role of new Set(roleSysctls(input).map((entry) => entry.role))) {
    const own = roleSysctls(input).filter((entry) => entry.role === role);
    files.push(
      configFile(
        `/usr/lib/kiln/sysctl-${role}.conf`,
        own.map(({ key, value }) => `${key} = ${value}\n`).join(''),
      ),
    );
  }
  return files;
}

/** Kernel settings in force on every node, by key in order; the network's and the OS's own win over the common ones. */
export function sysctls(input: PlanInput): Record<string, string> {
  const common = input.sysctls.sysctls
    .filter(({ role, when }) => role === undefined && applies(when, input))
    .map(({ key, value }) => [key, value] as const);
  const merged = { ...Object.fromEntries(common), ...input.network.sysctls, ...input.os.sysctls };
  return Object.fromEntries(Object.entries(merged).sort(([left], [right]) => compareText(left, right)));
}

/** Modules loaded at boot, sorted, under the names this OS's kernel has them. */
export function kernelModules(input: PlanInput): string[] {
  const { load, renamed } = input.os.kernelModules;
  const common = input.sysctls.modules.filter(({ when }) => applies(when, input)).map(({ name }) => name);
  const names = [...common, ...input.network.kernelModules, ...load].map((name) => renamed[name] ?? name);
  return [...new Set(names)].filter((name) => name !== '').sort(compareText);
}

function roleSysctls(input: PlanInput): { role: string; key: string; value: string }[] {
  return input.sysctls.sysctls.flatMap(({ role, when, key, value }) =>
    role === undefined || !applies(when, input) ? [] : [{ role, key, value }],
  );
}

function configFile(path: string, content: string): PlannedFile {
  return { path, from: 'kernel settings', type: 'file', mode: '0644', owner: 'root:root', content };
}
