import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import test from 'ava';
import type { Look } from './browser.js';
import { type Box, isEmpty, isPaper, visibleBoxes } from './drawn-boxes.js';
import { measureContrast } from './measure-contrast.js';
import { DESKTOP, PHONE, PICTURES, reportsInBrowser } from './open-report.js';
import { luminance, readPng } from './png.js';

const LOOKS: [name: string, look: Look][] = [
  ['desktop-light', { ...DESKTOP, scheme: 'light' }],
  ['desktop-dark', { ...DESKTOP, scheme: 'dark' }],
  ['phone-light', { ...PHONE, scheme: 'light' }],
  ['phone-dark', { ...PHONE, scheme: 'dark' }],
];
const { open } = reportsInBrowser();

for (const [name, look] of LOOKS) {
  test.serial(`looks right: ${name}`, async (t) => {
    const page = await open(look);
    const file = await page.screenshot({ whole: true });
    await writeFile(path.join(PICTURES, `${name}.png`), file);
    const picture = readPng(file);

    t.deepEqual(page.complaints(), { errors: [], requests: [] });
    t.is(picture.width, look.width);
    const paper = luminance(picture.pixel(2, 2));
    t.true(look.scheme === 'light' ? paper > 0.85 : paper < 0.03, `paper has luminance ${paper}`);

    const size = await page.evaluate<number[]>(
      '[document.documentElement.scrollWidth, document.documentElement.clientWidth]',
    );
    t.deepEqual(size, [look.width, look.width], 'scrolls sideways');
    t.regex(await page.evaluate<string>('document.body.innerText'), /127 passed, 11 failed, 24 skipped/);

    const squares = await page.evaluate<Box[]>(`(${visibleBoxes})('.grid td, .chips li')`);
    t.true(squares.length > (look.width > 1000 ? 150 : 20), `${squares.length} squares`);
    t.deepEqual(
      squares.filter((square) => isEmpty(picture, square)),
      [],
    );
    const bars = await page.evaluate<Box[]>(`(${visibleBoxes})('.chart .bar, .size-bar')`);
    t.true(bars.length > 60, `${bars.length} bars`);
    t.true(
      bars.filter(({ width }) => width >= 8).every((bar) => !isPaper(picture, bar)),
      'a bar without colour',
    );
    await page.close();
  });

  test.serial(`text stands out from what is behind it (WCAG AA): ${name}`, async (t) => {
    const page = await open(look);
    const { texts, weak } = await page.evaluate<{ texts: number; weak: string[] }>(`(${measureContrast})()`);
    t.true(texts > 1000, `${texts} texts`);
    t.deepEqual(weak, []);
    await page.close();
  });
}

test.serial('prints: dark ink on white, with what is folded on the screen', async (t) => {
  const page = await open({ ...DESKTOP, scheme: 'dark', media: 'print' });
  const [paper, details] = await page.evaluate<[string, number]>(`[
    getComputedStyle(document.body).backgroundColor,
    document.getElementById('cell-master--sysctls').getBoundingClientRect().height,
  ]`);
  t.is(paper, 'rgb(255, 255, 255)');
  t.true(details > 10, `${details} px`);
  const pdf = await page.pdf();
  await writeFile(path.join(PICTURES, 'print.pdf'), pdf);
  t.is(pdf.toString('latin1', 0, 5), '%PDF-');
  await page.close();
});
