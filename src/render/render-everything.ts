import path from 'node:path';
import { renderMkosiConfig } from '../build/mkosi/render-mkosi-config.js';
import { renderPackerTemplates } from '../build/packer/render-packer-templates.js';
import { loadOs } from '../catalog/load-catalog.js';
import type { Gate } from '../gate/gate.js';
import { renderMetaData, renderUserData } from '../launch/render-user-data.js';
import type { Plan } from '../plan/types.js';
import type { RenderedFile } from './render-template.js';
import { writeFiles } from './write-files.js';

/** The version whose template language everything newer still reads, and the oldest kiln drives. */
const PACKER_VERSIONS = ['1.6.6', '1.14.0'] as const;

/**
 * Writes what the engines are given for this plan, for people to read and other tools to use: Packer templates for both
 * builders, mkosi's configuration, the text files of the overlay, user data by role. Returns the paths written.
 */
export async function renderEverything({
  gate,
  plan,
  folder,
}: {
  gate: Gate;
  plan: Plan;
  folder: string;
}): Promise<string[]> {
  const files = [...packerFiles(plan), ...mkosiFiles(plan), ...overlayFiles(plan), ...userDataFiles(plan)];
  return writeFiles({ gate, files, folder });
}

function packerFiles(plan: Plan): RenderedFile[] {
  return (['disk', 'aws'] as const).flatMap((target) =>
    PACKER_VERSIONS.flatMap((packerVersion) =>
      below(`packer-${packerVersion}/${target}`, renderPackerTemplates({ plan, target, packerVersion })),
    ),
  );
}

function mkosiFiles(plan: Plan): RenderedFile[] {
  return loadOs(plan.spec.os).engines.includes('mkosi') ? below('mkosi', renderMkosiConfig({ plan })) : [];
}

/** Links and binaries are left out: the first are in the plan, the second are artifacts. */
function overlayFiles(plan: Plan): RenderedFile[] {
  const texts = plan.files.flatMap((file) =>
    'content' in file ? [{ path: file.path.slice(1), content: file.content, mode: file.mode }] : [],
  );
  return below('overlay', texts);
}

function userDataFiles(plan: Plan): RenderedFile[] {
  const roles = plan.roles.map(({ name }) => ({
    path: `${name}/user-data`,
    content: renderUserData({ roles: [name], cluster: 'kiln' }),
  }));
  const metaData = { path: 'meta-data', content: renderMetaData({ instanceId: 'i-1', hostname: 'node1' }) };
  return below('cloudinit', [...roles, metaData]);
}

function below(folder: string, files: readonly RenderedFile[]): RenderedFile[] {
  return files.map((file) => ({ ...file, path: path.join(folder, file.path) }));
}
