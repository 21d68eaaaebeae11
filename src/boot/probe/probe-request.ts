import { loadComponents } from '../../catalog/load-catalog.js';
import { versionArgsOf } from '../../catalog/version-args.js';
import { sysctlsInForce } from '../../plan/sysctls-in-force.js';
import type { Plan } from '../../plan/types.js';

/** What the probe is asked to look at: all of it follows from the plan. */
export interface ProbeRequest {
  units: string[];
  sysctls: string[];
  paths: string[];
  /** Whether large files are hashed and programs run, which takes an emulated machine most of a minute. */
  thorough: boolean;
  /** Command lines that make each planned program say its version. */
  programs: string[][];
  /** An NTP server as the guest reaches it. */
  timeServer: { address: string; port: number };
}

/** What to ask about an image. */
export function probeRequest(
  plan: Plan,
  { thorough }: { thorough: boolean },
): Omit<ProbeRequest, 'timeServer'> {
  const ofRoles = plan.roles.flatMap(({ units }) => units);
  return {
    units: [...new Set([...ofRoles, ...plan.enabledUnits, ...plan.maskedUnits])].sort(),
    sysctls: Object.keys(sysctlsInForce(plan)),
    paths: plan.files.map((file) => file.path),
    thorough,
    programs: thorough ? programs(plan) : [],
  };
}

function programs({ files }: Plan): string[][] {
  const components = loadComponents();
  return files.flatMap((file) => {
    if (file.type !== 'file' || !('artifact' in file)) return [];
    const component = components[file.artifact];
    const words = component === undefined ? [] : versionArgsOf(component, file.path);
    return words.length === 0 ? [] : [[file.path, ...words]];
  });
}
