import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import test from 'ava';
import { createGate } from '../../../src/gate/gate.js';
import { repositoryPath } from '../../../src/repository.js';
import type { ReportInput } from '../../../src/test-image/report/render-html.js';
import { writeReport } from '../../../src/test-image/report/write-report.js';
import { requireTools } from '../../../src/tools/check-tools.js';
import { type Browser, type Look, type Page, startBrowser } from './browser.js';
import { fixture } from './fixture.js';

export const DESKTOP = { width: 1280, height: 900 };
export const PHONE = { width: 360, height: 740 };
/** The pictures are kept, for people to look at. */
export const PICTURES = repositoryPath('out', 'test', 'report');

export interface OpenReports {
  /** What the reports are written from where a test changes nothing. Set before the first test. */
  input(): ReportInput;
  /** Writes a report as `bake test` does and opens it. */
  open(look: Look, changes?: Partial<ReportInput>): Promise<Page>;
}

/** One browser for the tests of a file, ended after them. */
export function reportsInBrowser(): OpenReports {
  let browser: Browser;
  let folder: string;
  let input: ReportInput;

  test.before(async () => {
    requireTools('kiln-tests');
    await mkdir(PICTURES, { recursive: true });
    folder = await mkdtemp(path.join(tmpdir(), 'kiln-report-'));
    input = await fixture();
    browser = await startBrowser();
  });

  test.after.always(async () => {
    await browser?.close();
    if (folder !== undefined) await rm(folder, { recursive: true });
  });

  return {
    input: () => input,
    async open(look, changes = {}) {
      const [written = ''] = await writeReport({ gate: createGate({}), folder, ...input, ...changes });
      return browser.open(pathToFileURL(written).href, look);
    },
  };
}
