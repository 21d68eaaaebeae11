import { open } from 'node:fs/promises';
import type { Problem } from '../../types.js';
import type { DiskCheck, OpenDisk } from '../disk-context.js';

const SECTOR = 512;
/** In the first sector: where boot code ends, and where GRUB keeps the sector it goes on with. */
const [CODE_END, NEXT_SECTOR] = [440, 0x5c];
const HINT = 'Bake again, or leave the BIOS loader out as a whole.';

/**
 * Where a disk claims to start by BIOS: GRUB's code in the first sector leads to its core image, and its modules are on
 * the root.
 *
 * Source: GRUB, include/grub/i386/pc/boot.h (GRUB_BOOT_MACHINE_KERNEL_SECTOR).
 */
export const bootloaderBios: DiskCheck<OpenDisk> = {
  name: 'bootloader-bios',
  title: 'BIOS finds a loader, where the disk claims one',
  async run({ disk, facts, partitions, target, tree }) {
    const first = await readSector(disk, 0);
    const home = partitions.find(({ type }) => type === facts.partitions.biosBoot.type);
    const hasCode = first.subarray(0, CODE_END).some((byte) => byte !== 0);
    if (!hasCode && home === undefined && target.bios === 'optional')
      return {
        skipped: `the disk claims no BIOS loader, and its target needs none: ${target.reason}`,
      };
    const problem = (message: string): Problem => ({ subject: 'BIOS loader', message, hint: HINT });
    if (!hasCode)
      return { examined: 1, problems: [problem('expected boot code in the first sector, found zeros')] };
    if (!first.includes('GRUB'))
      return {
        examined: 1,
        problems: [problem("expected GRUB's boot code in the first sector, found another")],
      };
    const next = Number(first.readBigUInt64LE(NEXT_SECTOR));
    const problems: Problem[] = [];
    const inside =
      home === undefined || (next * SECTOR >= home.offset && next * SECTOR < home.offset + home.size);
    if (!inside)
      problems.push(problem(`expected its core image in the BIOS boot partition, found sector ${next}`));
    if ((await readSector(disk, next)).every((byte) => byte === 0))
      problems.push(problem(`expected its core image at sector ${next}, found zeros`));
    const hasModules = ['/boot/grub', '/boot/grub2'].some((folder) =>
      tree.resolve(`${folder}/i386-pc/normal.mod`),
    );
    if (!hasModules) problems.push(problem('expected its modules in /boot/grub/i386-pc, found none'));
    return { examined: 3, problems };
  },
};

async function readSector(disk: string, sector: number): Promise<Buffer> {
  const handle = await open(disk, 'r');
  try {
    const { buffer } = await handle.read(Buffer.alloc(SECTOR), 0, SECTOR, sector * SECTOR);
    return buffer;
  } finally {
    await handle.close();
  }
}
