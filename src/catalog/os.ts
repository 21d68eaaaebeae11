import { z } from 'zod';

/** A fact with where it was read; `verified` says how it was checked here, absent when it was not. */
const sourced = { source: z.string(), verified: z.string().optional() };

const version = z.string().regex(/^\d+(\.\d+)*([-~+.]\S*)?$/);

/** What kiln needs from an OS, each answered by a list of that OS's package names (empty: already in the base, or none exists). */
const NEEDS = [
  'boot', // kernel, bootloader, initramfs: what a disk made from the archive needs to boot (mkosi engine only)
  'cloud-init',
  'network', // the manager that brings interfaces up
  'ssh',
  'time',
  'conntrack',
  'socat',
  'iptables',
  'nft',
  'ipset',
  'ipvsadm',
  'ebtables',
  'ethtool',
  'selinux',
  'apparmor',
  'load-balancer', // haproxy and keepalived
  'tools', // util-linux, iproute, kmod, procps, openssl, curl, jq, ca-certificates …
] as const;

/** One operating system: `catalog/os/<name>.yaml`. */
export const osSchema = z.strictObject({
  name: z.string().regex(/^[a-z]+[0-9]+$/),
  title: z.string(),
  family: z.enum(['debian', 'redhat']),
  /** The distribution's own name and release, as mkosi and os-release know them. */
  distribution: z.strictObject({ id: z.string(), release: z.string(), codename: z.string().optional() }),
  /** Last day of the distributor's regular security support (and of the long one, where there is one). */
  endOfLife: z.strictObject({ regular: z.iso.date(), extended: z.iso.date().optional(), ...sourced }),
  arches: z.array(z.enum(['amd64', 'arm64'])).min(1),
  facts: z.strictObject({
    kernel: version,
    systemd: z.int(),
    glibc: version,
    cgroup: z.enum(['v1', 'v2']),
    /** Kernel argument that switches to v2 where the default is v1 and the OS can do it. */
    cgroupV2Argument: z.string().optional(),
    cloudInit: version,
    iptables: version,
    nft: version.optional(),
    /** `legacy`, `nft`, or `none` when the base image lacks the kernel modules for iptables. */
    iptablesBackend: z.enum(['legacy', 'nft', 'none']),
    /** Whether the default root filesystem suits overlayfs (xfs needs ftype=1). */
    rootFilesystem: z.enum(['ext4', 'xfs', 'btrfs']),
    ...sourced,
  }),
  packageManager: z.enum(['apt', 'yum', 'dnf']),
  /** By need. `{arch}` in a name stands for the image's architecture as Debian spells it (`amd64`, `arm64`). */
  packages: z.record(z.enum(NEEDS), z.array(z.string())),
  /** Packages that would fight kiln's settings: a second NTP client, firewalld, zram swap, automatic upgrades. */
  removedPackages: z.array(z.string()),
  /** Units of the distribution masked in the image: timers, wait-online, firewall managers, swap. */
  maskedUnits: z.array(z.string()),
  /** Units of the distribution enabled in the image, e.g. `chrony.service`, `systemd-networkd.service`. */
  enabledUnits: z.array(z.string()),
  /** The unit names of software that a role gates. */
  units: z.strictObject({
    ssh: z.string(),
    time: z.string(),
    haproxy: z.string(),
    keepalived: z.string(),
    /** cloud-init's network stage, which writes the markers: `cloud-init.service`, from cloud-init 24.3 `cloud-init-network.service`. */
    cloudInitNetwork: z.string().optional(),
  }),
  kernelArguments: z.array(z.string()),
  kernelModules: z.strictObject({
    /** Loaded at boot on this OS besides those a component or network asks for. */
    load: z.array(z.string()),
    /** Modules this OS's kernel lacks or has under another name: name → replacement, '' for "not there". */
    renamed: z.record(z.string(), z.string()),
  }),
  sysctls: z.record(z.string(), z.string()),
  security: z.strictObject({
    selinux: z.enum(['enforcing', 'permissive', 'absent']),
    apparmor: z.boolean(),
    /** Why SELinux is not enforcing where the distribution's default is. */
    reason: z.string().optional(),
  }),
  network: z.strictObject({
    manager: z.enum(['systemd-networkd', 'NetworkManager', 'network-scripts']),
    /** The resolv.conf that holds real servers, never a local stub: given to the kubelet. */
    resolvConf: z.string(),
    /** The unit that holds back `network-online.target`, and the bounded command to give it (`ExecStart=` of a drop-in). */
    waitOnline: z.strictObject({ unit: z.string(), command: z.string() }).optional(),
  }),
  /** Directory of sysctl's binary etc. differ by OS: systemd's own helper path. */
  systemdLibexec: z.enum(['/usr/lib/systemd', '/lib/systemd']),
  defaultUser: z.string(),
  /** Package repositories for the bake; signatures are always checked. Empty: the base image's own are right. */
  repositories: z.array(
    z.strictObject({
      id: z.string(),
      baseUrl: z.string(),
      gpgKey: z.string(),
      /** For apt: suites and components. */
      suites: z.array(z.string()).optional(),
      components: z.array(z.string()).optional(),
      reason: z.string(),
      source: z.string(),
    }),
  ),
  images: z.array(
    z.strictObject({
      arch: z.enum(['amd64', 'arm64']),
      url: z.url(),
      digest: z
        .string()
        .regex(/^sha(256|512):[0-9a-f]+$/)
        .optional(),
      /** Said instead of a digest where none is known; such a base is refused without `--base`. */
      noDigest: z.string().optional(),
      cpu: z.string().optional(),
      checksums: z.string().optional(),
      source: z.string(),
    }),
  ),
  ami: z.strictObject({
    owner: z.string().regex(/^\d{12}$/),
    nameFilter: z.strictObject({ amd64: z.string(), arm64: z.string().optional() }),
    ssmParameter: z.strictObject({ amd64: z.string(), arm64: z.string().optional() }).optional(),
    user: z.string(),
    includeDeprecated: z.boolean(),
    source: z.string(),
  }),
  engines: z.array(z.enum(['mkosi', 'packer'])).min(1),
  /** Newest Kubernetes minor known to work in the field on this OS, with who shows it. Decides `bake image`'s default. */
  kubernetes: z.strictObject({ default: z.string().regex(/^1\.\d+$/), ...sourced }),
  /** Component versions this OS needs instead of the Kubernetes minor's, by lock entry name: `runc: 1.1.15` on kernel 3.10. */
  components: z.record(z.string(), z.string()).optional(),
  notes: z.array(z.string()),
});

export type OperatingSystem = z.infer<typeof osSchema>;
