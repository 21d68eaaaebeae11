import type { BootCheck } from '../types.js';
import { cameUp } from './came-up.js';
import { cloudInit } from './cloud-init.js';
import { dropIns } from './drop-ins.js';
import { enabledUnits } from './enabled-units.js';
import { files } from './files.js';
import { firewall } from './firewall.js';
import {
  failedUnits,
  journalWarnings,
  orderingCycles,
  restartedUnits,
  unfinishedJobs,
} from './journal-checks.js';
import { listeningSockets } from './listening-sockets.js';
import { modules } from './modules.js';
import { apparmor, cgroup, selinux, swap, time } from './node-state.js';
import { programs } from './programs.js';
import { reboot } from './reboot.js';
import { markers, refusedMarkers } from './refused-markers.js';
import { roleUnits } from './role-units.js';
import { rootGrown } from './root-grown.js';
import { sysctls } from './sysctls.js';

/** Everything that is asked of one boot, in the order of the report. Each check is pure: what it looks at is given to it. */
export const BOOT_CHECKS: readonly BootCheck[] = [
  cameUp,
  markers,
  refusedMarkers,
  roleUnits,
  dropIns,
  enabledUnits,
  failedUnits,
  restartedUnits,
  unfinishedJobs,
  orderingCycles,
  journalWarnings,
  cloudInit,
  files,
  programs,
  sysctls,
  modules,
  listeningSockets,
  firewall,
  swap,
  time,
  selinux,
  apparmor,
  cgroup,
  rootGrown,
  reboot,
];
