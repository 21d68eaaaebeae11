/** What the probe read inside the running guest, once nothing was left to start. Empty lists mean there were none. */
export interface GuestFacts {
  /** Seconds since 1970 by the guest's clock and by the host's at the moment it was read there. */
  clock: { guest: number; host: number };
  /** Whether large files were hashed and programs were run. */
  thorough: boolean;
  /** Seconds since the kernel started. */
  uptime: number;
  /** `uname -r`. */
  kernel: string;
  hostname: string;
  /** `systemctl is-system-running`: `running`, `degraded`, `starting`, … */
  systemState: string;
  /** Units systemd has loaded. */
  units: GuestUnit[];
  /** Key → value in force; a key the kernel does not have is left out. */
  sysctls: Record<string, string>;
  /** Names of loaded and built-in modules, with underscores. */
  modules: string[];
  /** Every planned path that exists, as it is on the running node. */
  files: GuestFile[];
  /** What each planned program answers when asked for its version. */
  programs: { path: string; status: number; output: string }[];
  /** Devices and files swapped to. */
  swaps: string[];
  /** Listening TCP and bound UDP sockets. */
  sockets: GuestSocket[];
  /** `synchronised` once chrony says so; `source` what it follows. */
  time: { synchronised: boolean; source: string; detail: string };
  /** What `nft list ruleset`, `iptables-save` and `ip6tables-save` print, and which of the tools are on the node. */
  firewall: { tools: string[]; nft: string; iptables: string };
  /** `enforcing`, `permissive` or `absent`. */
  selinux: string;
  apparmor: boolean;
  cgroup: 'v1' | 'v2' | 'unknown';
  cloudInit: GuestCloudInit;
  /** What must differ between two machines made from one image. */
  machine: GuestMachine;
  root: GuestRoot;
}

export interface GuestUnit {
  name: string;
  /** `loaded`, `not-found`, `masked`, `error`, … */
  load: string;
  /** `active`, `inactive`, `failed`, `activating`, … */
  active: string;
  sub: string;
  /** `success`, `exit-code`, … */
  result: string;
  /** What its conditions gave the last time it was started. */
  conditions: boolean;
  restarts: number;
  /** Seconds since the kernel started, from systemd's monotonic clock; `undefined` when it never happened. */
  started: number | undefined;
  activated: number | undefined;
  /** systemd has a job for it that has not ended. */
  job: boolean;
  /** The unit file and the drop-ins systemd read for it. */
  fragment?: string;
  dropins?: string[];
}

export interface GuestFile {
  path: string;
  type: 'file' | 'directory' | 'link' | 'other';
  /** Four octal digits, as the plan writes them. */
  mode: string;
  owner: string;
  group: string;
  /** Of a regular file. */
  sha256?: string;
  /** Of a symbolic link. */
  target?: string;
}

export interface GuestSocket {
  protocol: 'tcp' | 'udp';
  /** As `ss` prints it, without brackets and scope: `0.0.0.0`, `*`, `::`, `127.0.0.1`. */
  address: string;
  port: number;
  /** Name of the program that has it open; empty when unknown. */
  process: string;
}

export interface GuestCloudInit {
  /** `cloud-init status`: `done`, `running`, `error`, `disabled`, `not run`. */
  status: string;
  /** As cloud-init names it, e.g. `DataSourceNoCloud [seed=/dev/vdb][dsmode=net]`. */
  datasource: string;
  errors: string[];
  /** Lines of /var/log/cloud-init.log at WARNING or above. */
  warnings: string[];
}

export interface GuestMachine {
  machineId: string;
  bootId: string;
  /** SHA256 fingerprints. */
  hostKeys: string[];
  /** Interface → hardware address; without `lo`. */
  macs: Record<string, string>;
  /** sha256 of the random seed systemd keeps, where there is one. */
  randomSeed: string;
}

export interface GuestRoot {
  /** Device node, e.g. `/dev/vda2`. */
  device: string;
  filesystem: string;
  /** Bytes of the file system, of its partition and of the whole disk. */
  filesystemBytes: number;
  partitionBytes: number;
  diskBytes: number;
  /** Bytes from the start of the disk to the partition; absent where there is none. */
  partitionStart?: number;
}
