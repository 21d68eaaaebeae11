import type { LockedArtifact, Plan, PlannedFile } from '../../../plan/types.js';
import type { Problem } from '../../types.js';
import type { DiskCheck, OpenDisk } from '../disk-context.js';

type ArtifactFile = Extract<PlannedFile, { artifact: string }>;

/**
 * Files that come out of pinned artifacts hold the bytes recorded when the image was baked; where the artifact is the file
 * itself, those of its pin.
 */
export const artifactFiles: DiskCheck<OpenDisk> = {
  name: 'artifact-files',
  title: 'Binaries hold the bytes that were baked',
  async run({ plan, tree, recorded }) {
    const files = plan.files
      .filter((file): file is ArtifactFile => 'artifact' in file)
      .flatMap((file) => {
        const found = tree.resolve(file.path)?.sha256;
        const expected = pinned(plan, file) ?? recorded?.get(file.path);
        return found === undefined ? [] : [{ file, found, expected }];
      });
    if (files.length === 0)
      return { skipped: 'none of the planned binaries is on the disk: see planned-files' };
    if (recorded === undefined && files.every(({ expected }) => expected === undefined))
      return {
        skipped: 'there is no manifest.json beside the disk, so no digest of an unpacked file is known',
      };
    const problems = files
      .filter(({ found, expected }) => found !== expected)
      .map(
        ({ file, found, expected }): Problem => ({
          subject: file.path,
          message:
            expected === undefined
              ? `no digest of it was recorded at the bake; found sha256 ${found}`
              : `expected sha256 ${expected}, found ${found}`,
          hint: `It comes from ${file.artifact}; bake again.`,
        }),
      );
    return { examined: files.length, problems };
  },
};

/** The digest of the file itself, where the lock knows it: an artifact that is one file. */
function pinned(plan: Plan, file: ArtifactFile): string | undefined {
  const artifact: LockedArtifact | undefined = plan.artifacts.find(({ name }) => name === file.artifact);
  const isFile = artifact?.kind === 'file' && file.member === undefined;
  return isFile ? /^sha256:(.*)$/.exec(artifact.digest)?.[1] : undefined;
}
