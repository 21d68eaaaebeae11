import type { TemplateRecord, TemplateValue } from '../../render/render-template.js';
import { pauseImage } from '../pause-image.js';
import type { PlanInput } from '../plan-input.js';

/** Every value a file of `rootfs/` may ask for in its `variables:`. */
const VALUES: Record<string, (input: PlanInput) => TemplateValue> = {
  sandboxImage: pauseImage,
  selinux: ({ os }) => os.security.selinux === 'enforcing',
  apiVersion: ({ kubernetes }) => kubernetes.authenticationConfig ?? '',
  cniConfTemplate: ({ network }) => network.containerdConfTemplate !== undefined,
  systemdLibexec: ({ os }) => os.systemdLibexec,
  distribution: ({ os }) => os.distribution.id,
  defaultUser: ({ os }) => os.defaultUser,
};

/** The record of one template: the values it names, and no others. */
export function templateRecord(variables: readonly string[], input: PlanInput): TemplateRecord {
  return Object.fromEntries(
    variables.map((name) => {
      const value = VALUES[name];
      if (value === undefined) throw new Error(`catalog/rootfs.yaml asks for the unknown variable "${name}"`);
      return [name, value(input)];
    }),
  );
}
