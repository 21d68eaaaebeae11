import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { mirrorPath } from '../../src/artifacts/mirror-path.js';
import { createGate } from '../../src/gate/gate.js';
import { formatLock } from '../../src/lock/format-lock.js';
import type { Lock } from '../../src/lock/lock.js';
import { readLock } from '../../src/lock/read-lock.js';
import { resolveLock } from '../../src/lock/resolve-lock.js';
import type { PlannedSpec } from '../../src/plan/types.js';
import { type UpdateOptions, type UpdateResult, updateLock } from '../../src/update/update-lock.js';
import { specOf } from '../helpers/plans.js';

export const DIGEST = (letter: string): string => letter.repeat(64);

/** Rocky 9's official images, as their publisher names them. */
export const LISTING = 'https://dl.rockylinux.org/pub/rocky/';
export const CHECKSUMS = (release: string): string =>
  `https://dl.rockylinux.org/pub/rocky/${release}/images/x86_64/CHECKSUM`;
export const IMAGE = (serial: string): string => `Rocky-9-GenericCloud-Base-${serial}.x86_64.qcow2`;

/** A lock file, and a mirror of what its publishers say: nothing of a test asks the network. */
export interface Publisher {
  file: string;
  mirror: string;
  spec: PlannedSpec;
  publish(url: string, text: string): void;
  withdraw(url: string): void;
  lock(): Lock;
  text(): string;
  update(options?: Partial<UpdateOptions>): Promise<UpdateResult>;
}

/** The lock is the catalog's for Rocky 9 with Kubernetes 1.35 unless `change` says otherwise; its publishers say the same. */
export function createPublisher({
  os = 'rocky9',
  kubernetes = '1.35.7',
  header = '',
  change = (lock) => lock,
}: {
  os?: string;
  kubernetes?: string;
  header?: string;
  change?: (lock: Lock) => Lock;
} = {}): Publisher {
  const folder = mkdtempSync(path.join(tmpdir(), 'kiln-update-'));
  const [file, mirror] = [path.join(folder, 'kiln.lock.yaml'), path.join(folder, 'mirror')];
  const spec = specOf(os, { kubernetes });
  const lock = change(resolveLock(spec));
  writeFileSync(file, header + formatLock(lock));
  function publish(url: string, text: string): void {
    const target = mirrorPath(mirror, url);
    const place = url.endsWith('/') ? path.join(target, 'index.html') : target;
    mkdirSync(path.dirname(place), { recursive: true });
    writeFileSync(place, text);
  }
  return {
    file,
    mirror,
    spec,
    publish,
    withdraw: (url) => rmSync(mirrorPath(mirror, url)),
    lock: () => readLock(file),
    text: () => readFileSync(file, 'utf8'),
    update: (options = {}) =>
      updateLock({
        gate: createGate({}),
        spec,
        lock: readLock(file),
        file,
        exists: true,
        mirror,
        offline: true,
        baseKind: 'disk',
        ...options,
      }),
  };
}

/** The Kubernetes programs of 1.35.9 with their digests, as dl.k8s.io has them; another one for each. */
export function publishKubernetes({ publish, lock }: Publisher, version = '1.35.9'): Map<string, string> {
  publish('https://dl.k8s.io/release/stable-1.35.txt', `v${version}\n`);
  const programs = lock().artifacts.filter(({ name }) => /^kube/.test(name));
  return new Map(
    programs.map(({ name, url }, index) => {
      const hex = DIGEST(String(index + 1));
      publish(`${url.replaceAll('1.35.7', version)}.sha256`, hex);
      return [name, `sha256:${hex}`];
    }),
  );
}
