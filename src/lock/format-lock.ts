import { dump } from 'js-yaml';
import type { ArchivePart, Lock } from './lock.js';

const HEADER = `# Every input of one bake, each with the digest its bytes must have. Written by kiln; commit it beside kiln.yaml.
# A wrong digest stops the bake. \`bake update\` renews the entries.
`;

/** The text of \`kiln.lock.yaml\`: same lock, same bytes, whatever order its artifacts came in. */
export function formatLock(lock: Lock): string {
  const ordered = {
    version: lock.version,
    source: lock.source,
    kubernetes: lock.kubernetes,
    artifacts: [...lock.artifacts].sort(byNameAndArch).map(orderArtifact),
    ...(lock.base === undefined ? {} : { base: orderBase(lock.base) }),
  };
  return HEADER + dump(ordered, { lineWidth: -1, noRefs: true });
}

function byNameAndArch(left: Lock['artifacts'][number], right: Lock['artifacts'][number]): number {
  const [a, b] = [left, right].map(({ name, arch, url }) => `${name}\n${arch}\n${url}`) as [string, string];
  return a < b ? -1 : Number(a > b);
}

function orderArtifact(artifact: Lock['artifacts'][number]): Lock['artifacts'][number] {
  const { name, version, arch, kind, url, digest, source } = artifact;
  return { name, version, arch, kind, url, digest, source };
}

function orderBase(base: NonNullable<Lock['base']>): Record<string, unknown> {
  if (base.kind === 'ami') {
    const { kind, owner, name, region, id, source } = base;
    return { kind, owner, name, region, id, source };
  }
  const { kind, url, digest, suite, source } = base;
  const { date = undefined, dates = undefined, archives = undefined } = base.kind === 'archive' ? base : {};
  const bySuite = dates === undefined ? undefined : Object.fromEntries(Object.entries(dates).sort());
  const ordered = {
    kind,
    url,
    digest,
    date,
    dates: bySuite,
    suite,
    archives: archives?.map(orderPart),
    source,
  };
  return Object.fromEntries(Object.entries(ordered).filter(([, value]) => value !== undefined));
}

function orderPart({ url, suites, components, ignoreValidUntil }: ArchivePart): ArchivePart {
  return { url, suites, components, ...(ignoreValidUntil === undefined ? {} : { ignoreValidUntil }) };
}
