import { readFileSync } from 'node:fs';
import type { RootfsEntry } from '../../catalog/node.js';
import { renderTemplate } from '../../render/render-template.js';
import { repositoryPath } from '../../repository.js';
import { applies } from '../applies.js';
import type { PlanInput } from '../plan-input.js';
import type { PlannedFile } from '../types.js';
import { templateRecord } from './template-record.js';
import { yamlContent } from './yaml-content.js';

/** The files of `rootfs/` (and cloud-init's own) that belong on this image, rendered. */
export function rootfsFiles(input: PlanInput): PlannedFile[] {
  return input.rootfs.filter(({ when }) => applies(when, input)).map((entry) => plannedFile(entry, input));
}

function plannedFile(entry: RootfsEntry, input: PlanInput): PlannedFile {
  const { path, type = 'file', mode = '0644', owner = 'root:root' } = entry;
  const from = 'rootfs';
  if (type === 'link') return { path, from, type, target: entry.target ?? '' };
  if (type === 'directory') return { path, from, type, mode, owner };
  return { path, from, type, mode, owner, content: content(entry, input) };
}

function content(entry: RootfsEntry, input: PlanInput): string {
  const source = entry.source ?? `rootfs${entry.path}`;
  if (entry.render === 'template')
    return renderTemplate(source, templateRecord(entry.variables ?? [], input));
  if (entry.render === 'yaml') return yamlContent({ source, sets: entry.sets ?? [], input });
  return readFileSync(repositoryPath(source), 'utf8');
}
