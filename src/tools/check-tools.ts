import { accessSync, constants } from 'node:fs';
import path from 'node:path';
import { isOlder } from '../catalog/compare-versions.js';
import { readYaml } from '../catalog/read-yaml.js';
import type { Tool } from '../catalog/tools.js';
import { KilnError } from '../errors.js';

export interface ToolState {
  tool: Tool;
  /** Where it was found; undefined when missing. */
  path: string | undefined;
  version: string | undefined;
  /** Found, but older than kiln needs. */
  tooOld: boolean;
}

/** The tools kiln may call (for these uses, or for any), with where each is and its version. Changes nothing. */
export async function checkTools(uses?: readonly string[]): Promise<ToolState[]> {
  const tools = listTools().filter((tool) => uses === undefined || uses.some((use) => isFor(tool, use)));
  return Promise.all(tools.map(checkTool));
}

/**
 * Refuses at once, naming all of them, when tools are missing that this use needs.
 *
 * @param use a word of `for:` in catalog/tools.yaml, such as `mkosi` or `test`
 * @throws KilnError TOOL_MISSING
 */
export function requireTools(use: string): void {
  const missing = missingTools(use);
  if (missing.length === 0) return;
  const lines = missing.map(({ name, purpose }) => `  ${name}: needed to ${purpose}`);
  throw new KilnError('TOOL_MISSING', `Not installed on this machine:\n${lines.join('\n')}`, {
    hint: `On Debian or Ubuntu: apt-get install ${[...new Set(missing.map(({ packages }) => packages.debian))].join(' ')}`,
  });
}

/** The tools this use needs that are not here. */
export function missingTools(use: string): Tool[] {
  return listTools().filter((tool) => isFor(tool, use) && locate(tool.name) === undefined);
}

/** A tool without `for` is needed by everything. */
function isFor(tool: Tool, use: string): boolean {
  return tool.for?.includes(use) ?? true;
}

function listTools(): Tool[] {
  return (readYaml('tools.yaml') as { tools: Tool[] }).tools;
}

async function checkTool(tool: Tool): Promise<ToolState> {
  const found = locate(tool.name);
  if (found === undefined || tool.versionArgs === undefined)
    return { tool, path: found, version: undefined, tooOld: false };
  const { execa } = await import('execa');
  const { all } = await execa(found, tool.versionArgs, {
    all: true,
    reject: false,
    stdin: 'ignore',
    timeout: 20_000,
  });
  const version = /\d+(\.\d+)+|\b\d{3}\b/.exec(all ?? '')?.[0];
  const tooOld = tool.minVersion !== undefined && version !== undefined && isOlder(version, tool.minVersion);
  return { tool, path: found, version, tooOld };
}

/** The sbin folders too: they are not on an ordinary user's PATH. */
function locate(name: string): string | undefined {
  if (path.isAbsolute(name)) return isReadable(name) ? name : undefined;
  const folders = [...(process.env.PATH ?? '').split(':'), '/usr/sbin', '/sbin'];
  return folders.map((folder) => path.join(folder, name)).find(isExecutable);
}

function isReadable(file: string): boolean {
  return canAccess(file, constants.R_OK);
}

function isExecutable(file: string): boolean {
  return canAccess(file, constants.X_OK);
}

function canAccess(file: string, mode: number): boolean {
  try {
    accessSync(file, mode);
    return true;
  } catch {
    return false;
  }
}
