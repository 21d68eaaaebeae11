import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { ExecutionContext } from 'ava';
import { repositoryPath } from '../../src/repository.js';

/** Set to write what the code makes now; the run then fails, so that a recording cannot pass for a check. */
const RECORD = process.env.KILN_RECORD_GOLDEN === '1';

/** Holds a text against `test/golden/<name>`. */
export function matchGolden(t: ExecutionContext, name: string, actual: string): void {
  const file = repositoryPath('test', 'golden', name);
  if (RECORD) {
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, actual);
    t.fail(`recorded ${name}; run again without KILN_RECORD_GOLDEN`);
    return;
  }
  if (!existsSync(file)) {
    t.fail(`no test/golden/${name}; record it with KILN_RECORD_GOLDEN=1`);
    return;
  }
  t.is(
    actual,
    readFileSync(file, 'utf8'),
    `${name} differs; if that is meant, record it with KILN_RECORD_GOLDEN=1`,
  );
}
