import type { z } from 'zod';
import type {
  amiBaseSchema,
  archiveBaseSchema,
  baseImageSchema,
  diskBaseSchema,
  lockedArtifactSchema,
} from '../lock/lock.js';

/**
 * The plan: what the finished image holds, as one pure value. Every consumer (render, lint, build, test, diff,
 * dry-run) reads this and nothing else, so no second list of files, ports, roles or markers exists anywhere.
 */
export interface Plan {
  /** `sha256:<hex>` over the canonical JSON of everything else in the plan; the image's identity. */
  id: string;
  spec: PlannedSpec;
  verdict: Verdict;
  /** Reasons, most severe first; empty when the verdict is `ok`. */
  findings: Finding[];
  /** Sorted by path. */
  files: PlannedFile[];
  /** Distribution packages to install by name, sorted. */
  packages: string[];
  /** Distribution packages that must not be there (a second NTP client, firewalld, …), sorted. */
  removedPackages: string[];
  /** Units enabled in the image, sorted; each is linked from its own `WantedBy=` target by a planned file. */
  enabledUnits: string[];
  /** Units masked in the image, sorted. */
  maskedUnits: string[];
  /** Users the services run as; created at bake time by `sysusers.d`. */
  users: PlannedUser[];
  kernelArguments: string[];
  artifacts: LockedArtifact[];
  /** The official cloud image for this OS, or the lock's own base (an AMI's bake starts from one); engine mkosi starts from the archive instead. */
  base: BaseImage | null;
  roles: PlannedRole[];
  ports: PlannedPort[];
  expected: ExpectedFacts;
}

/** What was asked for, every default filled in. Names are catalog names. */
export interface PlannedSpec {
  os: string;
  kubernetes: string;
  network: string;
  arch: Arch;
  podCidr: string;
  serviceCidr: string;
  clusterDomain: string;
}

export type Arch = 'amd64' | 'arm64';
export type Verdict = 'ok' | 'warn' | 'refused';

export interface Finding {
  /** Stable kebab-case name of the rule that spoke. */
  rule: string;
  verdict: Exclude<Verdict, 'ok'>;
  reason: string;
  /** The mend, where there is one. */
  hint?: string;
  source: string;
}

/** One path of the image that kiln puts there. `content` and `artifact` exclude each other. */
export type PlannedFile = {
  /** Absolute path on the node. */
  path: string;
  /** Why it is there: the stage or component that asked for it. */
  from: string;
} & (
  | { type: 'file'; mode: string; owner: string; content: string }
  | { type: 'file'; mode: string; owner: string; artifact: string; member?: string }
  | { type: 'directory'; mode: string; owner: string }
  | { type: 'link'; target: string }
);

export interface PlannedUser {
  name: string;
  home: string;
  description: string;
}

export interface PlannedRole {
  name: string;
  marker: string;
  /** Units that run on a node with this marker and on no node without one that names them. */
  units: string[];
}

export interface PlannedPort {
  port: number;
  protocol: 'tcp' | 'udp';
  /** `127.0.0.1` for local listeners, `0.0.0.0` for the rest. */
  address: string;
  unit: string;
  roles: string[];
  purpose: string;
}

/** What a boot test asserts; nothing in here changes the image. */
export interface ExpectedFacts {
  /** sysctl key → value in force after boot. */
  sysctls: Record<string, string>;
  modules: string[];
  cgroup: 'v1' | 'v2';
  selinux: 'enforcing' | 'permissive' | 'absent';
}

/** As a lock names them; what their fields mean is said there. */
export type LockedArtifact = z.infer<typeof lockedArtifactSchema>;
export type BaseImage = z.infer<typeof baseImageSchema>;
export type DiskBase = z.infer<typeof diskBaseSchema>;
export type ArchiveBase = z.infer<typeof archiveBaseSchema>;
export type AmiBase = z.infer<typeof amiBaseSchema>;
