import { z } from 'zod';

const minor = z.string().regex(/^1\.\d+$/);
/** Flag name without its leading dashes → value. */
const flags = z.record(z.string().regex(/^[a-z][a-z0-9-]+$/), z.string());

/** Facts of a Kubernetes minor. `defaults.yaml` gives every key; `<minor>.yaml` only what differs (objects merge, lists replace). */
export const kubernetesSchema = z.strictObject({
  minor,
  /** The patch release kiln bakes when only the minor is asked for. */
  version: z.string().regex(/^1\.\d+\.\d+$/),
  endOfLife: z.iso.date(),
  source: z.string(),
  /** The versions that go with this minor, by lock entry name. */
  components: z.strictObject({
    etcd: z.string(),
    'containerd-static': z.string(),
    runc: z.string(),
    'cni-plugins': z.string(),
    crictl: z.string(),
  }),
  /** Tags of the images baked in, as their registry spells them. */
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
  /**
   * Version of `apiserver.config.k8s.io` for the AuthenticationConfiguration that `authentication-config` names; it lets anonymous requests reach
   * the health paths and nothing else. Absent before 1.32, where `anonymous-auth` is all there is.
   */
  authenticationConfig: z.enum(['v1beta1', 'v1']).optional(),
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
    /** Smallest version and, where it stops, largest containerd minor this Kubernetes speaks CRI with. */
    min: z.string(),
    max: z.string().optional(),
  }),
  cri: z.enum(['v1alpha2', 'v1']),
});

export type KubernetesMinor = z.infer<typeof kubernetesSchema>;
