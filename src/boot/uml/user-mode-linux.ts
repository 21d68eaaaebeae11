import { readFile } from 'node:fs/promises';
import path from 'node:path';

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

/** Which of these modules, named with underscores or dashes, this kernel neither has nor can load. */
export async function missingModules(kernel: UserModeLinux, names: readonly string[]): Promise<string[]> {
  const folder = path.join(kernel.root, MODULES, kernel.release);
  const lists = await Promise.all(
    ['modules.dep', 'modules.builtin'].map((list) => readFile(path.join(folder, list), 'utf8')),
  );
  // A line is the path of a module, with those it needs after a colon in the first list.
  const paths = lists.flatMap((list) => list.split('\n')).map((line) => line.split(':', 1)[0] ?? '');
  const known = new Set(paths.map((file) => plain(path.basename(file, '.ko'))));
  return names.filter((name) => !known.has(plain(name)));
}

function plain(module: string): string {
  return module.replaceAll('-', '_');
}
