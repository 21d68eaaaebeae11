import { createHash } from 'node:crypto';
import type { GuestFile } from '../../boot/probe/guest-facts.js';
import type { Plan, PlannedFile } from '../../plan/types.js';
import type { BootCheck, BootContext, CheckOutcome, Problem } from '../types.js';
import { withFacts } from './with-facts.js';

export const files: BootCheck = {
  name: 'files',
  title: 'Planned files are as planned after the boot',
  run: checkFiles,
};

/**
 * Every planned path on the running node: type, mode, owner, link target, and the content wherever the plan knows it. No
 * planned file is one that a boot rewrites by design (cloud-init, networkd and containerd write files of their own), so
 * there are no exceptions. Programs out of archives have no digest in the plan: `programs` asks them for their version. A
 * probe that was not thorough did not hash programs.
 */
function checkFiles(context: BootContext): CheckOutcome {
  const { plan } = context;
  return withFacts(context, (facts) => {
    const found = new Map(facts.files.map((file) => [file.path, file]));
    const problems = plan.files.flatMap((file): Problem[] =>
      differences(file, found.get(file.path), { plan, thorough: facts.thorough }).map((message) => ({
        subject: file.path,
        message,
      })),
    );
    const unhashed = facts.thorough ? [] : plan.files.filter((file) => isUnhashed(file, found, plan));
    const notes = unhashed.map(({ path }) => `content of ${path}: hashed in another boot of this image`);
    return { examined: plan.files.length, problems, notes };
  });
}

/** Only programs are large enough to be left out. */
function isUnhashed(file: PlannedFile, found: ReadonlyMap<string, GuestFile>, plan: Plan): boolean {
  if (file.type !== 'file' || !('artifact' in file) || digestOf(file, plan) === undefined) return false;
  const there = found.get(file.path);
  return there !== undefined && there.sha256 === undefined;
}

function differences(
  planned: PlannedFile,
  found: GuestFile | undefined,
  { plan, thorough }: { plan: Plan; thorough: boolean },
): string[] {
  if (found === undefined) return [`expected a ${planned.type}, found nothing`];
  if (found.type !== planned.type) return [`expected a ${planned.type}, found a ${found.type}`];
  if (planned.type === 'link') {
    const target = found.target ?? '(nothing)';
    return target === planned.target ? [] : [`expected a link to ${planned.target}, found one to ${target}`];
  }
  const owner = `${found.owner}:${found.group}`;
  const wanted = planned.owner.includes(':') ? owner : found.owner;
  return [
    ...(found.mode === planned.mode ? [] : [`expected mode ${planned.mode}, found ${found.mode}`]),
    ...(wanted === planned.owner ? [] : [`expected owner ${planned.owner}, found ${wanted}`]),
    ...(isLeftOut(planned, found, thorough) ? [] : contentProblem(digestOf(planned, plan), found.sha256)),
  ];
}

function isLeftOut(planned: PlannedFile, { sha256 }: GuestFile, thorough: boolean): boolean {
  return !thorough && 'artifact' in planned && sha256 === undefined;
}

function contentProblem(expected: string | undefined, found: string | undefined): string[] {
  if (expected === undefined || expected === found) return [];
  return [
    `expected content with sha256 ${expected.slice(0, 12)}…, found ${found?.slice(0, 12) ?? '(unread)'}…`,
  ];
}

/** What the plan knows of the content: text, or an artifact that is placed as it was downloaded. */
function digestOf(file: PlannedFile, { artifacts }: Plan): string | undefined {
  if (file.type !== 'file') return undefined;
  if ('content' in file) return createHash('sha256').update(file.content).digest('hex');
  const artifact = artifacts.find(({ name }) => name === file.artifact);
  if (artifact?.kind !== 'file' || !artifact.digest.startsWith('sha256:')) return undefined;
  return artifact.digest.slice('sha256:'.length);
}
