import type { GuestFacts } from '../boot/probe/guest-facts.js';
import type { BootReport } from '../boot/types.js';
import type { Plan } from '../plan/types.js';

/** How the machine learns its user data: a seed with it, a seed without any, or no data source at all. */
export type SeedKind = 'user-data' | 'no-user-data' | 'none';

/** One way to boot the image, and what must come of it. */
export interface BootCell {
  /** Kebab-case, e.g. `master`, `misspelt-marker`. */
  name: string;
  title: string;
  seed: SeedKind;
  /** What the seed says; empty unless `seed` is `user-data`. */
  userData: string;
  /** Markers the user data writes, by path, with their content. */
  markers: Record<string, string>;
  /** Roles whose units must pass their gates; none for an idle node and for markers that must be refused. */
  roles: string[];
  /** Set when kube-role must fail: words its message must hold. */
  refusedWith?: string;
  /** Boot the same disk a second time and check again. */
  reboot: boolean;
}

/** Where the machines run: QEMU is the proof; user-mode Linux is quick and has another kernel. */
export type RigName = 'qemu' | 'uml';

/** What a check looks at. */
export interface BootContext {
  plan: Plan;
  cell: BootCell;
  rig: RigName;
  boot: BootReport;
  /** What the probe saw inside the guest once it had settled; `undefined` when no probe could run (a cell without a seed). */
  facts: GuestFacts | undefined;
  /** The boot before, when this is the second of the same disk. */
  before?: { boot: BootReport; facts: GuestFacts | undefined };
  /** Bytes of the image's disk as baked, to tell that the machine was given a larger one. */
  imageBytes?: number;
  /** The hardware address the machine's network card was given. */
  mac?: string;
}

/** One thing that is not as the plan says. */
export interface Problem {
  /** What it is about: a path, a unit, a sysctl key, a port. */
  subject: string;
  /** Expected and found, one sentence. */
  message: string;
  /** The mend, where there is one. */
  hint?: string;
}

/**
 * What a check says: how many things it looked at and what was wrong, or why it could not look. `notes`: what it could not
 * look at here, each with the reason; never counted among `examined`.
 */
export type CheckOutcome = { examined: number; problems: Problem[]; notes?: string[] } | { skipped: string };

export interface BootCheck {
  /** Kebab-case, the row of the report's grid, e.g. `listening-sockets`. */
  name: string;
  title: string;
  /** Whether there is anything to check in such a boot; in every one by default. */
  applies?(context: BootContext): boolean;
  run(context: BootContext): CheckOutcome;
}

/** One square of the grid. */
export interface CheckResult {
  check: string;
  title: string;
  status: 'passed' | 'failed' | 'skipped';
  examined: number;
  problems: Problem[];
  /** Why it was skipped; empty otherwise. */
  reason: string;
  /** What a check that did run could not look at, each with the reason. */
  notes?: string[];
}

/** Seconds by stage and unit of one boot, from the guest's own clocks. */
export interface BootAccount {
  /** In order: `kernel`, `initrd`, `userspace`, each in seconds; a stage nobody measured is left out. */
  stages: { name: string; seconds: number }[];
  /** cloud-init's stages, as part of userspace. */
  cloudInit: { name: string; seconds: number }[];
  /** Units of this cell's roles: seconds from the kernel's start to the start job and to active. */
  units: { name: string; started: number; active: number }[];
}

/** One boot of one cell (two for a cell that reboots: the second has `boot: 2`). */
export interface CellResult {
  cell: string;
  title: string;
  rig: RigName;
  boot: 1 | 2;
  /** Seconds on the host's clock, from starting the machine to its end. */
  duration: number;
  checks: CheckResult[];
  account: BootAccount;
  /** The console's last lines, shown when something failed. */
  consoleTail: string[];
}

/** Everything `bake test` found out; what report.json holds. */
export interface TestReport {
  schema: 1;
  image: {
    folder: string;
    planId: string;
    name: string;
    os: string;
    kubernetes: string;
    network: string;
    arch: string;
  };
  /** ISO 8601, when the test began. */
  at: string;
  accelerator: 'kvm' | 'tcg' | 'uml';
  /** Checks of the disk at rest. */
  disk: CheckResult[];
  cells: CellResult[];
  /** Checks over several boots, such as that two clones differ. */
  clones: CheckResult[];
  /** Cells of the matrix that did not run, with the reason. */
  left: { cell: string; reason: string }[];
  passed: number;
  failed: number;
  skipped: number;
}
