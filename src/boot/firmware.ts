import { existsSync } from 'node:fs';
import { KilnError } from '../errors.js';

/** Where distributions put the x86-64 UEFI firmware that QEMU takes as one file with `-bios`. */
const PATHS = [
  '/usr/share/ovmf/OVMF.fd',
  '/usr/share/OVMF/OVMF.fd',
  '/usr/share/qemu/OVMF.fd',
  '/usr/share/edk2/ovmf/OVMF.stateless.fd',
  '/usr/share/edk2/x64/OVMF.4m.fd',
];

/** Path of the UEFI firmware. @throws KilnError TOOL_MISSING. */
export function findFirmware(paths: readonly string[] = PATHS): string {
  const found = paths.find((path) => existsSync(path));
  if (found !== undefined) return found;
  throw new KilnError(
    'TOOL_MISSING',
    'No UEFI firmware for QEMU is installed; it is needed to boot the image',
    {
      hint: 'On Debian and Ubuntu: apt-get install ovmf',
    },
  );
}
