import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Manifest } from '../../build/manifest/make-manifest.js';
import type { Plan } from '../../plan/types.js';
import { renderTemplate, type TemplateRecord } from '../../render/render-template.js';
import { repositoryPath } from '../../repository.js';
import type { TestReport } from '../types.js';
import { groupLeftOut } from './group-failures.js';
import { plainText } from './plain-text.js';
import { bootsView } from './views/boots-view.js';
import { budgetView } from './views/budget-view.js';
import { changesView } from './views/changes-view.js';
import { failuresView } from './views/failures-view.js';
import { gridView } from './views/grid-view.js';
import { headerView } from './views/header-view.js';
import { partsView, type Sbom } from './views/parts-view.js';
import { plannedView } from './views/planned-view.js';
import { sizesView } from './views/sizes-view.js';

export interface ReportInput {
  report: TestReport;
  plan: Plan;
  manifest: Manifest;
  sbom: Sbom;
  /** Of the image before this one; the page then tells what changed. */
  previous?: Manifest | undefined;
}

interface Section {
  id: string;
  title: string;
  /** `undefined`: there is nothing to say, and the page leaves it out. */
  view: TemplateRecord | undefined;
}

/**
 * The report as one HTML page that asks nothing of the network: its style and its one script are inside and allowed by their
 * digests alone. It is whole without the script, which adds search and sorting.
 */
export function renderHtml(input: ReportInput): string {
  const sections = sectionsOf(input)
    .filter(({ view }) => view !== undefined)
    .map(({ id, title, view }) => ({
      id,
      title,
      html: renderTemplate(`report/${id}.html.hbs`, plain(view ?? {})),
    }));
  const css = asset('report.css');
  const script = asset('report.js');
  const header = headerView(input);
  return renderTemplate('report/page.html.hbs', {
    title: plainText(`${input.report.image.name}: ${String(header.verdict)}`),
    policy: contentPolicy(css, script),
    css,
    script,
    header: renderTemplate('report/header.html.hbs', plain(header)),
    sections,
  });
}

function sectionsOf({ report, plan, manifest, sbom, previous }: ReportInput): Section[] {
  return [
    { id: 'failures', title: 'What failed', view: failuresView(report) },
    { id: 'grid', title: 'Every check', view: gridView(report) },
    { id: 'left', title: 'Left out', view: leftView(report) },
    { id: 'boots', title: 'Boot times', view: bootsView(report) },
    { id: 'budget', title: 'Boot budget', view: budgetView(report) },
    { id: 'sizes', title: 'What is inside', view: sizesView(plan, manifest) },
    { id: 'parts', title: 'Parts', view: partsView(sbom) },
    { id: 'planned', title: 'The plan', view: plannedView(plan) },
    { id: 'changes', title: 'What changed', view: previous && changesView(previous, manifest) },
  ];
}

function leftView(report: TestReport): TemplateRecord | undefined {
  const reasons = groupLeftOut(report);
  return reasons.length === 0 ? undefined : { reasons };
}

function asset(name: string): string {
  return readFileSync(repositoryPath('report', name), 'utf8');
}

function contentPolicy(css: string, script: string): string {
  return [
    "default-src 'none'",
    `style-src ${contentDigest(css)}`,
    `script-src ${contentDigest(script)}`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
}

function contentDigest(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}

/** Every string of a view without escape sequences: what a guest printed ends up in them. */
function plain(view: TemplateRecord): TemplateRecord {
  return JSON.parse(
    JSON.stringify(view, (_key, value: unknown) => (typeof value === 'string' ? plainText(value) : value)),
  ) as TemplateRecord;
}
