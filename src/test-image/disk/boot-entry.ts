/** One way the machine can be booted, as its loader reads it. */
export interface BootEntry {
  /** Where it is written: a path on the root (`/boot/grub/grub.cfg`) or on the EFI system partition (`ESP:/EFI/Linux/x.efi`). */
  source: string;
  /** What a person would choose in the loader's menu. */
  title: string;
  /** Release of its kernel as under /usr/lib/modules; `undefined` where nothing says it. */
  release: string | undefined;
  /** The kernel's arguments, in order. */
  arguments: string[];
  /** Bytes of files on the host which together are the initial RAM disk. */
  initrds: { file: string; offset: number; size: number }[];
  /** Files it names that are not there. */
  missing: string[];
}
