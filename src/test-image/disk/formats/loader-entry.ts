/** One file of loader/entries. */
export interface LoaderEntry {
  title: string;
  version: string | undefined;
  kernel: string | undefined;
  initrds: string[];
  arguments: string[];
}

/** Reads a type #1 entry. Source: https://uapi-group.org/specifications/specs/boot_loader_specification/ */
export function parseLoaderEntry(text: string): LoaderEntry {
  const values = (key: string): string[] =>
    text
      .split('\n')
      .map((line) => /^(\S+)\s+(.*)$/.exec(line.trim()))
      .filter((match) => match?.[1] === key)
      .map((match) => match?.[2]?.trim() ?? '');
  return {
    title: values('title')[0] ?? '',
    version: values('version')[0],
    kernel: values('linux')[0],
    initrds: values('initrd').flatMap((value) => value.split(/\s+/)),
    arguments: values('options')
      .flatMap((value) => value.split(/\s+/))
      .filter(Boolean),
  };
}
