import { KilnError } from '../../errors.js';
import type { PlanInput } from '../plan-input.js';
import type { LockedArtifact, PlannedFile } from '../types.js';

/**
 * Where the lock's artifacts go.
 *
 * @throws KilnError LOCK_INVALID for an artifact no component describes.
 */
export function artifactFiles(input: PlanInput): PlannedFile[] {
  return input.lock.artifacts.flatMap((artifact) => filesOf(artifact, input));
}

function filesOf(artifact: LockedArtifact, { components }: PlanInput): PlannedFile[] {
  const component = components[artifact.name];
  if (component === undefined) {
    throw new KilnError(
      'LOCK_INVALID',
      `The lock names the artifact ${JSON.stringify(artifact.name)}, which kiln does not know`,
      {
        hint: `Known: ${Object.keys(components).join(', ')}.`,
      },
    );
  }
  const common = {
    from: artifact.name,
    type: 'file',
    mode: component.mode,
    owner: 'root:root',
    artifact: artifact.name,
  } as const;
  const whole: PlannedFile[] = component.path === undefined ? [] : [{ path: component.path, ...common }];
  const members = Object.entries(component.members ?? {}).map(([member, path]): PlannedFile => {
    return { path, ...common, member: fill(member, artifact) };
  });
  return [...whole, ...members];
}

function fill(member: string, { version, arch }: LockedArtifact): string {
  return member.replaceAll('{version}', version).replaceAll('{arch}', arch);
}
