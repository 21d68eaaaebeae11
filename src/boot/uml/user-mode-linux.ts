/** A Linux kernel that runs as an ordinary program, in the root filesystem it came in. */
export interface UserModeLinux {
  root: string;
  /** `uname -r` of a guest, and the name of its folder of modules. */
  release: string;
  /** Lines of `sha256sum`: every package the root was made of, with its version in the file's name. */
  packages: string[];
}

/** Where the kernel's modules are inside its root. */
export const MODULES = '/usr/lib/uml/modules';
