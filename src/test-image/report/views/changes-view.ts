import { compareManifests, type FileChange } from '../../../build/manifest/compare-manifests.js';
import type { Manifest } from '../../../build/manifest/make-manifest.js';
import type { TemplateRecord } from '../../../render/render-template.js';
import { count, formatSize, formatSizeChange } from '../quantities.js';

/** How many changed paths the page lists; the two manifests have them all. */
const MOST_FILES = 200;

/** What differs from the image before: packages and artifacts old → new, files, sizes. */
export function changesView(before: Manifest, after: Manifest): TemplateRecord {
  const comparison = compareManifests(before, after);
  const { packages, artifacts, files } = comparison;
  const allFiles = [...files.changed, ...files.added, ...files.removed];
  const more = allFiles.length - MOST_FILES;
  return {
    before: comparison.before.imageId,
    engineBefore: comparison.before.engine,
    samePlan: comparison.samePlan,
    facts: [
      {
        name: 'Files in all',
        value: `${formatSize(comparison.before.fileSize)} → ${formatSize(comparison.after.fileSize)}`,
        change: formatSizeChange(comparison.after.fileSize - comparison.before.fileSize),
      },
      {
        name: 'Disk',
        value: `${formatSize(comparison.before.diskSize)} → ${formatSize(comparison.after.diskSize)}`,
        change: formatSizeChange(comparison.after.diskSize - comparison.before.diskSize),
      },
    ],
    nothing:
      allFiles.length + Object.values(packages).flat().length + Object.values(artifacts).flat().length === 0,
    tables: [
      { title: 'Artifacts', rows: changeRows(artifacts) },
      { title: 'Packages', rows: changeRows(packages) },
    ].map((table) => ({
      ...table,
      count: count(table.rows.length, 'change'),
      hasRows: table.rows.length > 0,
    })),
    files: allFiles.slice(0, MOST_FILES).map(fileRow),
    hasFiles: allFiles.length > 0,
    fileCount: `${files.changed.length} changed, ${files.added.length} added, ${files.removed.length} removed`,
    more: more > 0 ? `${count(more, 'more path')} in the two manifests` : '',
  };
}

function changeRows({ added, removed, changed }: ReturnType<typeof compareManifests>['packages']) {
  return [
    ...changed.map((change) => ({ ...change, kind: 'changed' })),
    ...added.map((change) => ({ ...change, before: '–', kind: 'added' })),
    ...removed.map((change) => ({ ...change, after: '–', kind: 'removed' })),
  ];
}

const KINDS: Partial<Record<FileChange['kind'], string>> = { 'only-left': 'removed', 'only-right': 'added' };

function fileRow({ path, kind, before, after, sizeBefore, sizeAfter }: FileChange): TemplateRecord {
  const grown = sizeAfter === sizeBefore ? 'same size' : formatSizeChange(sizeAfter - sizeBefore);
  const what = kind === 'content' ? grown : `${before} → ${after}`;
  return { path, kind: KINDS[kind] ?? kind, what: kind in KINDS ? formatSize(sizeBefore + sizeAfter) : what };
}
