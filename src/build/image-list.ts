import type { Plan, PlannedFile } from '../plan/types.js';
import type { RenderedFile } from '../render/render-template.js';
import { SOURCE_DATE_EPOCH } from '../render/write-overlay.js';

/** The list that `packer/scripts/finish-image.sh` and `clean-traces.sh` read, named as they expect it beside them. */
export function renderImageList(plan: Plan): RenderedFile {
  const lines = [
    `epoch ${SOURCE_DATE_EPOCH}`,
    ...plan.removedPackages.map((name) => `remove-package ${name}`),
    ...plan.files.map(fileLine),
  ];
  return { path: 'image.list', content: `${lines.join('\n')}\n` };
}

function fileLine(file: PlannedFile): string {
  if (/\s/.test(file.path)) throw new Error(`A planned path has a space: ${file.path}`);
  if (file.type === 'link') return `link ${file.target} ${file.path}`;
  return `${file.type} ${file.mode} ${file.owner} ${file.path}`;
}
