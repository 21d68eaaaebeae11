/** One `menuentry` of a grub.cfg, with the paths as GRUB reads them. */
export interface GrubEntry {
  title: string;
  kernel: string;
  arguments: string[];
  initrds: string[];
}

/**
 * The entries of a grub.cfg: their last `linux` and `initrd` lines, also spelt linux16 or linuxefi. Variables are left as
 * written, for whoever knows what they stand for.
 */
export function parseGrubConfig(text: string): GrubEntry[] {
  const entries: GrubEntry[] = [];
  let title: string | undefined;
  let entry: GrubEntry | undefined;
  for (const line of text.split('\n').map((raw) => raw.trim())) {
    const begins = /^menuentry\s+(?:'([^']*)'|"([^"]*)")/.exec(line);
    if (begins !== null) [title, entry] = [begins[1] ?? begins[2] ?? '', undefined];
    const [command = '', ...words] = line.split(/\s+/);
    if (title === undefined) continue;
    if (/^linux(?:16|efi)?$/.test(command)) {
      const [kernel = '', ...rest] = words.map(unquoted);
      entry = { title, kernel, arguments: rest, initrds: [] };
      entries.push(entry);
    } else if (/^initrd(?:16|efi)?$/.test(command) && entry !== undefined)
      entry.initrds = words.map(unquoted);
  }
  return entries;
}

/** Whether a grub.cfg takes its entries from /boot/loader/entries. */
export function usesBootLoaderSpec(text: string): boolean {
  return /^\s*blscfg\b/m.test(text);
}

/** UUIDs of the file systems a grub.cfg searches for, in lower case. */
export function searchedUuids(text: string): string[] {
  const found = text.matchAll(
    /^\s*search(?:\.fs_uuid\s+|\s.*?--fs-uuid\s+(?:--\S+\s+)*)([0-9A-Fa-f-]{8,36})/gm,
  );
  return [...found].map(([, uuid = '']) => uuid.toLowerCase());
}

function unquoted(word: string): string {
  return word.replace(/^(['"])(.*)\1$/, '$2');
}
