import { minorOf } from '../catalog/compare-versions.js';
import { loadComponents, loadKubernetes, loadNetwork, loadOs, loadRoles } from '../catalog/load-catalog.js';
import { loadNodeCatalog } from '../catalog/load-node-catalog.js';
import type { Lock } from '../lock/lock.js';
import { compareText, digestOf } from './canonical-json.js';
import { expectedFacts } from './expected-facts.js';
import { artifactFiles } from './files/artifact-files.js';
import { clusterDnsFiles } from './files/cluster-dns.js';
import { configFiles } from './files/config-files.js';
import { gateFiles } from './files/gate-files.js';
import { kernelFiles } from './files/kernel-files.js';
import { networkFiles } from './files/network-files.js';
import { portTable } from './files/port-table.js';
import { rootfsFiles } from './files/rootfs-files.js';
import { enabledUnits, unitFiles } from './files/unit-files.js';
import { packages, removedPackages } from './packages.js';
import type { PlanInput } from './plan-input.js';
import { ports } from './ports.js';
import { roles } from './roles.js';
import type { BaseImage, Plan, PlannedFile, PlannedSpec } from './types.js';
import { judge, worstVerdict } from './verdicts/judge.js';

/**
 * What an image made of this spec and lock holds. Pure: reads nothing but kiln's own catalog, units, drop-ins and
 * templates, so the same inputs give the same bytes and the same id on every machine, at any time, in any locale.
 * A refused pair still has a plan, with `verdict: 'refused'`.
 *
 * @throws KilnError UNKNOWN_NAME for a name the catalog lacks.
 */
export function createPlan(spec: PlannedSpec, lock: Lock): Plan {
  const input: PlanInput = {
    spec,
    lock,
    os: loadOs(spec.os),
    kubernetes: loadKubernetes(minorOf(spec.kubernetes)),
    network: loadNetwork(spec.network),
    roles: loadRoles(),
    components: loadComponents(),
    ...loadNodeCatalog(),
  };
  const findings = judge(input);
  const content = {
    spec,
    verdict: worstVerdict(findings),
    findings,
    files: collectFiles(input),
    packages: packages(input),
    removedPackages: removedPackages(input),
    enabledUnits: enabledUnits(input),
    maskedUnits: input.os.maskedUnits.toSorted(compareText),
    users: input.users,
    kernelArguments: kernelArguments(input),
    artifacts: lock.artifacts.toSorted((left, right) => compareText(left.name, right.name)),
    base: undated(lock.base) ?? officialImage(input),
    roles: roles(input),
    ports: ports(input),
    expected: expectedFacts(input),
  };
  return { id: digestOf(content), ...content };
}

function collectFiles(input: PlanInput): PlannedFile[] {
  const files = [
    ...unitFiles(input),
    ...gateFiles(input),
    ...rootfsFiles(input),
    ...kernelFiles(input),
    ...configFiles(input),
    ...portTable(input),
    ...networkFiles(input),
    ...clusterDnsFiles(input),
    ...artifactFiles(input),
  ].sort((left, right) => compareText(left.path, right.path));
  const twice = files.find((file, index) => file.path === files[index + 1]?.path);
  if (twice !== undefined) throw new Error(`Two parts of the plan make ${twice.path}`);
  return files;
}

/** cgroup v1 hosts that can do v2 are switched when the kubelet would refuse v1. */
function kernelArguments({ os, kubernetes }: PlanInput): string[] {
  const { cgroupV2Argument } = os.facts;
  const wanted =
    kubernetes.kubelet.refusesCgroupV1 && cgroupV2Argument !== undefined ? [cgroupV2Argument] : [];
  return [...os.kernelArguments, ...wanted];
}

function officialImage({ os, spec }: PlanInput): BaseImage | null {
  const image = os.images.find(({ arch, cpu }) => arch === spec.arch && cpu === undefined);
  if (image === undefined) return null;
  const { url, digest, source } = image;
  return { kind: 'disk', url, source, ...(digest === undefined ? {} : { digest }) };
}

/** When an archive was last signed says nothing of what is in it: the digest does. */
function undated(base: Lock['base']): BaseImage | undefined {
  if (base?.kind !== 'archive') return base;
  const { date: _, dates: __, ...rest } = base;
  return rest;
}
