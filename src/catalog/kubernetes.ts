import { z } from 'zod';

const minor = z.string().regex(/^1\.\d+$/);
const flags = z.record(z.string(), z.string());

/** Facts of a Kubernetes minor. `defaults.yaml` gives every key; `<minor>.yaml` only what differs (objects merge, lists replace). */
export const kubernetesSchema = z.strictObject({
  minor,
  /** The patch release kiln bakes when only the minor is asked for. */
  version: z.string().regex(/^1\.\d+\.\d+$/),
  endOfLife: z.iso.date(),
  source: z.string(),
  /** The versions that go with this minor. */
  components: z.strictObject({
    etcd: z.string(),
    containerd: z.string(),
    runc: z.string(),
    'cni-plugins': z.string(),
    crictl: z.string(),
  }),
  images: z.strictObject({ pause: z.string(), coredns: z.string() }),
  /** How the control-plane binaries are published: one file each, or inside the server tarball. */
  packaging: z.enum(['files', 'server-tarball']),
  /** Extra arguments by component, on top of the flags every minor accepts (written in the unit files). */
  args: z.strictObject({
    'kube-apiserver': flags,
    'kube-controller-manager': flags,
    'kube-scheduler': flags,
    kubelet: flags,
    'kube-proxy': flags,
    etcd: flags,
  }),
  kubelet: z.strictObject({
    /** Fields of KubeletConfiguration this minor knows besides the common ones. */
    config: z.record(z.string(), z.unknown()),
    /** Whether cgroup v1 is refused unless `failCgroupV1: false`. */
    refusesCgroupV1: z.boolean(),
  }),
  kubeProxy: z.strictObject({
    modes: z.array(z.enum(['iptables', 'ipvs', 'nftables'])).min(1),
    config: z.record(z.string(), z.unknown()),
  }),
  containerd: z.strictObject({
    /** `config.toml` schema: 2 for 1.x, 3 for 2.x. */
    configVersion: z.union([z.literal(2), z.literal(3)]),
    /** Smallest and, where it stops, largest containerd minor this Kubernetes speaks CRI with. */
    min: z.string(),
    max: z.string().optional(),
  }),
  cri: z.enum(['v1alpha2', 'v1']),
});

export type KubernetesMinor = z.infer<typeof kubernetesSchema>;
