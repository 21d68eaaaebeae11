import type { Gate } from '../gate/gate.js';
import { SOURCE_DATE_EPOCH } from '../render/write-overlay.js';

/** The overlay tree as one uncompressed tar with fixed order, owners and times, paths relative to the root. */
export async function makeOverlayTar({
  gate,
  tree,
  file,
}: {
  gate: Gate;
  tree: string;
  file: string;
}): Promise<void> {
  await gate.perform(
    { verb: 'write', target: file, reason: 'the planned files as one archive' },
    async () => {
      const { create } = await import('tar');
      await create(
        {
          file,
          cwd: tree,
          // Leaves out what differs from machine to machine: device and inode numbers, user names, access times.
          portable: true,
          // One file at a time in small pieces: by default four, each in pieces of 16 MiB.
          jobs: 1,
          maxReadSize: 2 ** 20,
          mtime: new Date(SOURCE_DATE_EPOCH * 1000),
          onWriteEntry(entry) {
            Object.assign(entry.stat ?? {}, { uid: 0, gid: 0 });
          },
        },
        ['.'],
      );
    },
  );
}
