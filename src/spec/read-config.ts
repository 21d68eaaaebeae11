import { existsSync } from 'node:fs';
import type { Config } from './spec.js';

/** The file read when none is named, in the folder kiln is started in. */
const DEFAULT_FILE = 'kiln.yaml';

/**
 * Reads `kiln.yaml` (or the file named), every problem at once with line and column; `{}` when there is no default file.
 *
 * @throws KilnError CONFIG_INVALID
 */
export async function readConfig(file: string | undefined): Promise<Config> {
  if (file === undefined && !existsSync(DEFAULT_FILE)) return {};
  const [{ parseYamlFile }, { configSchema }] = await Promise.all([
    import('./parse-yaml-file.js'),
    import('./spec.js'),
  ]);
  return parseYamlFile({ file: file ?? DEFAULT_FILE, schema: configSchema, code: 'CONFIG_INVALID' });
}
