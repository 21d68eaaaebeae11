/** One assignment of a unit file, where it stands. */
export interface UnitEntry {
  section: string;
  key: string;
  value: string;
  /** Path on the node of the file it stands in. */
  file: string;
  /** 1-based; of the line the assignment begins on. */
  line: number;
}

/** A line that is neither a section, an assignment, a comment nor empty. */
export interface UnitSyntaxProblem {
  file: string;
  line: number;
  text: string;
}

/**
 * Reads a unit file as systemd.syntax(7) says: `#` and `;` begin a comment line, also between the lines of a continued
 * assignment; a backslash at the end continues the line and stands for a space.
 */
export function parseUnit(
  content: string,
  file: string,
): { entries: UnitEntry[]; problems: UnitSyntaxProblem[] } {
  const entries: UnitEntry[] = [];
  const problems: UnitSyntaxProblem[] = [];
  let section = '';
  for (const { text, line } of logicalLines(content)) {
    const header = /^\[(.+)\]$/.exec(text);
    const assignment = /^([^=\s]+)\s*=\s*(.*)$/s.exec(text);
    if (header?.[1] !== undefined) section = header[1];
    else if (assignment === null || section === '') problems.push({ file, line, text });
    else entries.push({ section, key: assignment[1] ?? '', value: assignment[2]?.trim() ?? '', file, line });
  }
  return { entries, problems };
}

function logicalLines(content: string): { text: string; line: number }[] {
  const lines: { text: string; line: number }[] = [];
  let open: { text: string; line: number } | undefined;
  for (const [index, raw] of content.split('\n').entries()) {
    const text = raw.trim();
    if (/^[#;]/.test(text) || (text === '' && open === undefined)) continue;
    const joined: { text: string; line: number } =
      open === undefined ? { text, line: index + 1 } : { ...open, text: `${open.text}${text}` };
    open = text.endsWith('\\') ? { ...joined, text: `${joined.text.slice(0, -1)} ` } : undefined;
    if (open === undefined && joined.text !== '') lines.push(joined);
  }
  return open === undefined ? lines : [...lines, { ...open, text: open.text.trimEnd() }];
}
