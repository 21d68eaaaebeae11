import type { SmokeCheck } from '../check.js';
import { apiCheck } from './api.js';
import { deployCheck } from './deploy.js';
import { dnsCheck } from './dns.js';
import { drainCheck } from './drain.js';
import { execCheck } from './exec.js';
import { logsCheck } from './logs.js';
import { mountsCheck } from './mounts.js';
import { nodePortCheck } from './node-port.js';
import { nodesCheck } from './nodes.js';
import { permissionsCheck } from './permissions.js';
import { acrossNodesCheck, podsCheck } from './pods.js';
import { replaceCheck } from './replace.js';
import { serviceCheck } from './service.js';

/** In the order they run; each after what it needs. */
export const SMOKE_CHECKS: readonly SmokeCheck[] = [
  apiCheck,
  permissionsCheck,
  nodesCheck,
  deployCheck,
  logsCheck,
  execCheck,
  mountsCheck,
  podsCheck,
  acrossNodesCheck,
  serviceCheck,
  nodePortCheck,
  dnsCheck,
  replaceCheck,
  drainCheck,
];
