import type { TemplateRecord } from '../../../render/render-template.js';
import { describeAccelerator } from '../format-test-report.js';
import { count, formatSeconds } from '../quantities.js';
import type { ReportInput } from '../render-html.js';
import { formatTally } from '../suites.js';

/** What was tested, when and how, and the verdict in one line. */
export function headerView({ report, manifest }: Pick<ReportInput, 'report' | 'manifest'>): TemplateRecord {
  const { image, failed, passed } = report;
  const seconds = report.cells.reduce((sum, { duration }) => sum + duration, 0);
  return {
    name: image.name,
    verdict: formatTally(report, { full: true }),
    state: failed > 0 ? 'failed' : passed > 0 ? 'passed' : 'skipped',
    symbol: failed > 0 ? '✕' : passed > 0 ? '✓' : '–',
    leftOut: report.left.length === 0 ? '' : `${count(report.left.length, 'boot')} left out`,
    emulated: [report.accelerator, ...report.cells.map(({ rig }) => rig)].includes('uml'),
    facts: [
      { name: 'System', value: image.os },
      { name: 'Kubernetes', value: image.kubernetes },
      { name: 'Network', value: image.network },
      { name: 'Processor', value: image.arch },
      { name: 'Engine', value: manifest.engine },
      { name: 'Run by', value: describeAccelerator(report) },
      { name: 'Boots', value: `${report.cells.length}, ${formatSeconds(seconds)} of machine time` },
      { name: 'Tested', value: formatTime(report.at) },
    ],
    digest: image.planId,
    disk: manifest.disk.sha256,
  };
}

/** `2026-11-21 12:50 UTC` */
function formatTime(at: string): string {
  return `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
