import { existsSync } from 'node:fs';
import path from 'node:path';
import { minorOf } from '../catalog/compare-versions.js';
import { loadKubernetes, loadNetwork, loadOs } from '../catalog/load-catalog.js';
import { KilnError } from '../errors.js';
import type { Lock } from '../lock/lock.js';
import { LOCK_FILE } from '../lock/lock-file.js';
import { resolveLock } from '../lock/resolve-lock.js';
import type { PlannedSpec } from '../plan/types.js';
import { DEFAULTS } from './defaults.js';
import { readConfig } from './read-config.js';

/** The flags that choose what is baked, as commander gives them. */
export interface Selectors {
  os?: string | undefined;
  kubernetes?: string | undefined;
  network?: string | undefined;
  arch?: 'amd64' | 'arm64' | undefined;
  lock?: string | undefined;
  mirror?: string | undefined;
  config?: string | undefined;
  /** Take the catalog's own pins, whatever lock files there are. */
  ignoreLocks?: boolean | undefined;
}

/**
 * Flags over `kiln.yaml` over defaults, and the lock that goes with them: `--lock`, else the mirror's, else
 * `kiln.lock.yaml` in this folder, else the catalog's own pins.
 *
 * @throws KilnError USAGE, UNKNOWN_NAME, CONFIG_INVALID, LOCK_INVALID, PIN_MISSING
 */
export async function resolveSpec(selectors: Selectors): Promise<{ spec: PlannedSpec; lock: Lock }> {
  const config = await readConfig(selectors.config);
  const given = { ...config, ...definedOnly(selectors) };
  const { os, network = DEFAULTS.network, arch = DEFAULTS.arch } = given;
  if (os === undefined) {
    throw new KilnError('USAGE', 'No operating system given', {
      hint: 'Say --os NAME; `bake list os` shows them.',
    });
  }
  if (given.mirror !== undefined && !existsSync(given.mirror)) {
    throw new KilnError('USAGE', `There is no mirror at ${given.mirror}`, {
      hint: 'Make one: `bake fetch --to DIR`.',
    });
  }
  const osFacts = loadOs(os);
  loadNetwork(network);
  const lockFile = given.ignoreLocks === true ? undefined : findLock(given);
  const written =
    lockFile === undefined ? undefined : (await import('../lock/read-lock.js')).readLock(lockFile);
  const kubernetes = chooseVersion(
    given.kubernetes,
    written?.kubernetes,
    osFacts.kubernetes.default,
    lockFile,
  );
  const lock = written ?? resolveLock({ os, kubernetes, network, arch });
  const {
    podCidr = DEFAULTS.podCidr,
    serviceCidr = DEFAULTS.serviceCidr,
    clusterDomain = DEFAULTS.clusterDomain,
  } = config;
  return { spec: { os, kubernetes, network, arch, podCidr, serviceCidr, clusterDomain }, lock };
}

function definedOnly(selectors: Selectors): Partial<Selectors> {
  return Object.fromEntries(Object.entries(selectors).filter(([, value]) => value !== undefined));
}

function findLock({
  lock,
  mirror,
}: {
  lock?: string | undefined;
  mirror?: string | undefined;
}): string | undefined {
  if (lock !== undefined) return lock;
  const candidates = [...(mirror === undefined ? [] : [path.join(mirror, LOCK_FILE)]), LOCK_FILE];
  return candidates.find((file) => existsSync(file));
}

/** A minor means its pinned patch release; a lock knows one version, which the flag must not contradict. */
function chooseVersion(
  wanted: string | undefined,
  locked: string | undefined,
  fallback: string,
  lockFile: string | undefined,
): string {
  if (locked !== undefined) {
    if (wanted === undefined || wanted === locked || wanted === minorOf(locked)) return locked;
    throw new KilnError('USAGE', `--kubernetes ${wanted}, but ${lockFile} is for ${locked}`, {
      hint: 'Leave out --kubernetes, or name another --lock.',
    });
  }
  const asked = (wanted ?? fallback).replace(/^v/, '');
  const { version } = loadKubernetes(minorOf(asked));
  return asked === minorOf(asked) ? version : asked;
}
