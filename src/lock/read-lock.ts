import { parseYamlFile } from '../spec/parse-yaml-file.js';
import { type Lock, lockSchema } from './lock.js';

/**
 * Reads `kiln.lock.yaml`.
 *
 * @throws KilnError LOCK_INVALID with every problem at its line and column, or why the file cannot be read
 */
export function readLock(file: string): Lock {
  return parseYamlFile({ file, schema: lockSchema, code: 'LOCK_INVALID' });
}
