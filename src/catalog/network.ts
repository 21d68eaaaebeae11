import { z } from 'zod';

/** One way pods reach each other: `catalog/networks/<name>.yaml`. */
export const networkSchema = z.strictObject({
  name: z.string(),
  title: z.string(),
  description: z.string(),
  source: z.string(),
  /** Components (from `catalog/components.yaml`) it needs, each with the version by Kubernetes minor; `default` for the rest. */
  components: z.record(z.string(), z.record(z.string(), z.string())),
  /** Its node agent, gated by the minion role; absent for `routed` and `none`. */
  unit: z.string().optional(),
  /** CNI configuration list at `/etc/cni/net.d/<file>`; absent where the agent writes it or containerd renders it. */
  cniConfig: z.strictObject({ file: z.string(), content: z.record(z.string(), z.unknown()) }).optional(),
  /** Whether containerd renders the CNI configuration from the node's pod CIDR (`conf_template`). */
  containerdConfTemplate: z.record(z.string(), z.unknown()).optional(),
  /** Further files of the node, by absolute path. `{podCidr}` in their content stands for the plan's pod network. */
  files: z.array(z.strictObject({ path: z.string(), mode: z.string(), content: z.string() })),
  /** Manifests a master applies once (RBAC), by file name under /usr/share/kiln/addons. */
  manifests: z.array(
    z.strictObject({ file: z.string(), content: z.array(z.record(z.string(), z.unknown())) }),
  ),
  kernelModules: z.array(z.string()),
  sysctls: z.record(z.string(), z.string()),
  /** Needs of the OS (see os.ts) it adds: `ipset`, `ipvsadm`. */
  needs: z.array(z.string()),
  ports: z.array(
    z.strictObject({
      port: z.int(),
      protocol: z.enum(['tcp', 'udp']),
      address: z.enum(['0.0.0.0', '127.0.0.1']),
      purpose: z.string(),
    }),
  ),
  /** Kubernetes minors it works with; outside them the pair is refused with `reason`. */
  kubernetes: z.strictObject({ min: z.string(), max: z.string().optional(), reason: z.string() }),
  allocateNodeCidrs: z.boolean(),
  /** Whether it replaces kube-proxy. */
  replacesKubeProxy: z.boolean(),
  minKernel: z.string().optional(),
});

export type Network = z.infer<typeof networkSchema>;
