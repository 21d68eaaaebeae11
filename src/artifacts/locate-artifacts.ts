import type { Gate } from '../gate/gate.js';
import type { Plan } from '../plan/types.js';
import type { LocateArtifact } from '../render/write-overlay.js';
import { extractMembers } from './extract-members.js';

/**
 * Unpacks what the plan takes out of archives and returns where every planned artifact file is on this machine.
 *
 * @param paths artifact name → path in the cache, as `fetchArtifacts` returns it
 * @throws KilnError ARCHIVE_MEMBER_MISSING
 */
export async function locateArtifacts({
  gate,
  plan,
  paths,
}: {
  gate: Gate;
  plan: Plan;
  paths: ReadonlyMap<string, string>;
}): Promise<LocateArtifact> {
  const members = new Map<string, Map<string, string>>();
  for (const artifact of plan.artifacts) {
    const wanted = membersOf(plan, artifact.name);
    const file = paths.get(artifact.name);
    if (wanted.length === 0 || file === undefined) continue;
    members.set(artifact.name, await extractMembers({ gate, artifact, file, members: wanted }));
  }
  return (artifact, member) => {
    const found = member === undefined ? paths.get(artifact) : members.get(artifact)?.get(member);
    if (found === undefined)
      throw new Error(`Nothing fetched for ${artifact}${member === undefined ? '' : ` (${member})`}`);
    return found;
  };
}

function membersOf(plan: Plan, artifact: string): string[] {
  return plan.files.flatMap((file) =>
    'artifact' in file && file.artifact === artifact && file.member !== undefined ? [file.member] : [],
  );
}
