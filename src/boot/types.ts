/** How QEMU runs the guest: by the processor's virtualisation, or by emulation (10-20 times slower). */
export type Accelerator = 'kvm' | 'tcg';

/** What a machine ran on; `uml`: user-mode Linux, which runs the image's programs on a kernel of its own. */
export type RigAccelerator = Accelerator | 'uml';

/**
 * What became of a unit up to the moment the machine was told to power off. `ran`: finished (a oneshot, or stopped
 * again); `running`: up; `starting`: its start job never ended; `restarting`: it ended and waits to be started again.
 */
export type UnitState = 'ran' | 'running' | 'starting' | 'restarting' | 'skipped' | 'failed' | 'not-started';

export interface BootedUnit {
  name: string;
  state: UnitState;
  /** The condition that was not met, or how it failed; empty when there is nothing to say. */
  reason: string;
  /** Seconds from the kernel's start to the last change of state. */
  at: number;
  /** How often systemd restarted it. */
  restarts: number;
}

/** Seconds by stage; a stage the journal does not mention is `undefined`. */
export interface BootSeconds {
  kernel: number | undefined;
  initrd: number | undefined;
  userspace: number | undefined;
  /** cloud-init's own stages, by its names (`init-local`, `init`, `modules-config`, `modules-final`). */
  cloudInit: Record<string, number>;
  /** From starting QEMU to the login prompt, firmware included. */
  toLogin: number | undefined;
}

export interface CloudInitReport {
  /** As cloud-init names it, e.g. `DataSourceNoCloud [seed=/dev/vdb][dsmode=net]`; `undefined` when it never ran. */
  datasource: string | undefined;
  errors: string[];
  warnings: string[];
}

/** One boot of a finished disk, read from the journal the machine itself wrote. */
export interface BootReport {
  accelerator: RigAccelerator;
  /** Whether the console showed a login prompt or the multi-user target in the time given. */
  reached: boolean;
  /** Whether the machine powered off when asked, or had to be stopped. */
  poweredOff: boolean;
  /** Every unit the journal mentions, sorted by name. */
  units: BootedUnit[];
  failedUnits: string[];
  /** Failed unit → the last lines it and systemd wrote about it. */
  failureLogs: Record<string, string[]>;
  /** Units systemd restarted at least once, whatever became of them. */
  restartedUnits: string[];
  orderingCycles: string[];
  unknownDirectives: string[];
  /** Units whose start jobs were still waiting when the machine was told to power off. */
  unfinishedJobs: string[];
  seconds: BootSeconds;
  cloudInit: CloudInitReport;
  /** Files under /etc/sysconfig after the boot, with their content. */
  markers: Record<string, string>;
  /** The console's last lines. */
  consoleTail: string[];
}

/** What the journal alone says about a boot. */
export type JournalFacts = Pick<
  BootReport,
  | 'units'
  | 'failedUnits'
  | 'failureLogs'
  | 'restartedUnits'
  | 'orderingCycles'
  | 'unknownDirectives'
  | 'unfinishedJobs'
> & { seconds: Pick<BootSeconds, 'kernel' | 'initrd' | 'userspace'> };
