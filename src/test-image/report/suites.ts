import type { CellResult, CheckResult, TestReport } from '../types.js';

/** One column of results: the disk at rest, one boot of one cell, or the comparison of clones. */
export interface Suite {
  /** Unique, kebab-case: `disk`, `cell-master`, `cell-master-rebooted`, `clones`. */
  key: string;
  /** Short: `disk`, `master`, `master (rebooted)`, `clones`. */
  label: string;
  /** A few words for people. */
  title: string;
  checks: CheckResult[];
  /** The boot; `undefined` for the disk and the clones. */
  cell: CellResult | undefined;
}

/** All results in the order they are told: disk, cells, clones. Suites without a check are left out, cells never. */
export function suitesOf(report: TestReport): Suite[] {
  const disk = { key: 'disk', label: 'disk', title: 'Disk at rest', checks: report.disk, cell: undefined };
  const clones = {
    key: 'clones',
    label: 'clones',
    title: 'Two machines from one image',
    checks: report.clones,
    cell: undefined,
  };
  return [
    ...(disk.checks.length > 0 ? [disk] : []),
    ...report.cells.map(cellSuite),
    ...(clones.checks.length > 0 ? [clones] : []),
  ];
}

function cellSuite(cell: CellResult): Suite {
  const again = cell.boot === 2;
  const tags = [...(again ? ['rebooted'] : []), ...(cell.rig === 'qemu' ? [] : [cell.rig])];
  return {
    key: `cell-${slug([cell.cell, ...tags].join('-'))}`,
    label: tags.length === 0 ? cell.cell : `${cell.cell} (${tags.join(', ')})`,
    title: again ? `${cell.title}, after a reboot` : cell.title,
    checks: cell.checks,
    cell,
  };
}

/** Made fit for an HTML id. */
export function slug(name: string): string {
  return name.replaceAll(/[^A-Za-z0-9]+/g, '-');
}

export interface Tally {
  passed: number;
  failed: number;
  skipped: number;
}

export function tally(checks: readonly CheckResult[]): Tally {
  const countOf = (status: CheckResult['status']): number =>
    checks.filter((check) => check.status === status).length;
  return { passed: countOf('passed'), failed: countOf('failed'), skipped: countOf('skipped') };
}

/** `21 passed, 1 failed, 2 skipped`; only what there is, unless `full`. */
export function formatTally({ passed, failed, skipped }: Tally, { full = false } = {}): string {
  const parts: [number, string][] = [
    [passed, 'passed'],
    [failed, 'failed'],
    [skipped, 'skipped'],
  ];
  const shown = parts.filter(([number]) => full || number > 0);
  return shown.length === 0 ? 'no check' : shown.map(([number, word]) => `${number} ${word}`).join(', ');
}
