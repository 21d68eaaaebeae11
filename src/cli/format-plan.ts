import type { Finding, Plan, PlannedFile } from '../plan/types.js';
import { formatTable } from './print.js';

/** A plan for people: what and why, then units by role, pins, and every file. */
export function formatPlan(plan: Plan): string {
  const { os, kubernetes, network, arch } = plan.spec;
  const sections = [
    `${os}, Kubernetes ${kubernetes}, network ${network}, ${arch}\nimage id ${plan.id}\nverdict  ${plan.verdict}`,
    ...(plan.findings.length > 0 ? [formatFindings(plan.findings)] : []),
    `Units by role\n${indent(formatTable(plan.roles.map(({ name, units }) => [name, units.join(' ')])))}`,
    `Pins\n${indent(formatTable(plan.artifacts.map((artifact) => [artifact.name, artifact.version, artifact.digest])))}`,
    `Packages (${plan.packages.length})\n${indent(plan.packages.join(' '))}`,
    `Ports\n${indent(formatTable(plan.ports.map((port) => [`${port.address}:${port.port}/${port.protocol}`, port.unit, port.purpose])))}`,
    `Files (${plan.files.length})\n${indent(formatTable(plan.files.map(fileRow)))}`,
  ];
  return sections.join('\n\n');
}

/** One line a finding, with the mend and the source below it. */
export function formatFindings(findings: readonly Finding[]): string {
  return findings
    .map(({ verdict, rule, reason, hint, source }) =>
      [
        `${verdict}: ${reason} [${rule}]`,
        ...(hint === undefined ? [] : [`  ${hint}`]),
        `  source: ${source}`,
      ].join('\n'),
    )
    .join('\n');
}

function fileRow(file: PlannedFile): string[] {
  if (file.type === 'link') return ['link', file.path, `-> ${file.target}`];
  if (file.type === 'directory') return [file.mode, `${file.path}/`, file.from];
  return [
    file.mode,
    file.path,
    'artifact' in file ? `from ${file.artifact}` : `${Buffer.byteLength(file.content)} bytes`,
  ];
}

function indent(text: string): string {
  return text.replaceAll(/^/gm, '  ');
}
