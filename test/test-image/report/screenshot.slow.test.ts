import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
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
import { failed, fixture, reportOf, skipped } from './fixture.js';
import { luminance, type Picture, readPng } from './png.js';

const DESKTOP = { width: 1280, height: 900 };
const PHONE = { width: 360, height: 740 };
const LOOKS: [name: string, look: Look][] = [
  ['desktop-light', { ...DESKTOP, scheme: 'light' }],
  ['desktop-dark', { ...DESKTOP, scheme: 'dark' }],
  ['phone-light', { ...PHONE, scheme: 'light' }],
  ['phone-dark', { ...PHONE, scheme: 'dark' }],
];
/** The pictures are kept, for people to look at. */
const PICTURES = repositoryPath('out', 'test', 'report');

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

/** Writes a report as `bake test` does and opens it. */
async function open(look: Look, changes: Partial<ReportInput> = {}, hash = ''): Promise<Page> {
  const written = await writeReport({ gate: createGate({}), folder, ...input, ...changes });
  return browser.open(`${pathToFileURL(written[0] ?? '').href}${hash}`, look);
}

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

test.serial('search finds parts and says how many', async (t) => {
  const page = await open({ ...DESKTOP, scheme: 'light' });
  const shown = await page.evaluate<unknown[]>(`(() => {
    const input = document.getElementById('parts-search');
    input.value = 'package-01 DEB';
    input.dispatchEvent(new Event('input'));
    const rows = [...document.getElementById('parts-table').tBodies[0].rows].filter((row) => row.checkVisibility());
    return [rows.length, document.getElementById('parts-found').textContent, input.getClientRects().length];
  })()`);
  const parts = input.sbom.components?.length;
  t.deepEqual(shown, [10, `10 of ${parts}`, 1]);
  await page.close();
});

test.serial('a click on a heading sorts, the next one turns the order', async (t) => {
  const page = await open({ ...DESKTOP, scheme: 'light' });
  const click = (): Promise<string[]> =>
    page.evaluate<string[]>(`(() => {
      const table = document.getElementById('parts-table');
      const heading = table.tHead.rows[0].cells[1];
      heading.querySelector('button').click();
      return [heading.ariaSort, ...[...table.tBodies[0].rows].map((row) => row.cells[1].textContent)];
    })()`);
  const [up, ...rising] = await click();
  const [down, ...falling] = await click();
  t.deepEqual([up, down], ['ascending', 'descending']);
  const { compare } = new Intl.Collator('en', { numeric: true });
  t.deepEqual(rising, [...rising].sort(compare));
  t.true(compare(falling[0] ?? '', falling.at(-1) ?? '') > 0);
  await page.close();
});

test.serial('a square leads to its details, which open', async (t) => {
  const page = await open({ ...DESKTOP, scheme: 'light' });
  const before = await page.evaluate<boolean>(
    `document.getElementById('cell-master--sysctls').checkVisibility()`,
  );
  const after = await page.evaluate<[number, boolean]>(`new Promise((resolve) => {
    document.querySelector('.grid a[href="#cell-master--sysctls"]').click();
    setTimeout(() => {
      const box = document.getElementById('cell-master--sysctls').getBoundingClientRect();
      resolve([box.height, box.top >= 0 && box.bottom <= innerHeight]);
    }, 500);
  })`);
  t.false(before);
  t.true(after[0] > 10 && after[1], String(after));
  await page.close();
});

test.serial('the boxes of the grid narrow it to what is not clean', async (t) => {
  const page = await open({ ...DESKTOP, scheme: 'light' });
  const count = `[...document.querySelectorAll('.grid tbody tr')].filter((row) => row.checkVisibility()).length`;
  const all = await page.evaluate<number>(count);
  await page.evaluate(`document.getElementById('only-unclean').click()`);
  const unclean = await page.evaluate<number>(count);
  const clean = await page.evaluate<number>(`document.querySelectorAll('.grid tr.clean').length`);
  t.is(all, 13);
  t.is(unclean, all - clean);
  t.true(clean > 0);
  await page.close();
});

test.serial('the keyboard reaches the results first, then every link, and shows where it is', async (t) => {
  const page = await open({ ...DESKTOP, scheme: 'light' });
  const stops: string[] = [];
  for (let index = 0; index < 4; index += 1) {
    await page.press('Tab', 9);
    const stop = `[document.activeElement.textContent, getComputedStyle(document.activeElement).outlineStyle]`;
    const [text = '', outline = ''] = await page.evaluate<string[]>(stop);
    stops.push(`${text} ${outline}`);
  }
  t.deepEqual(stops, [
    'To the results solid',
    '1 boot left out solid',
    'What failed solid',
    'Every check solid',
  ]);
  await page.close();
});

test.serial('is whole without its script', async (t) => {
  const page = await open({ ...PHONE, scheme: 'light', script: false });
  t.deepEqual(page.complaints(), { errors: [], requests: [] });
  const facts = await page.evaluate<unknown[]>(`[
    document.querySelectorAll('#parts-table tbody tr').length,
    document.querySelector('.search').getClientRects().length,
    document.querySelectorAll('thead button').length,
    document.documentElement.scrollWidth,
  ]`);
  t.deepEqual(facts, [input.sbom.components?.length, 0, 0, PHONE.width]);
  await page.close();
});

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

test.serial('what a guest says stays text', async (t) => {
  const hostile = `<script>globalThis.hacked=1</script><img src="https://example.invalid/x" onerror="hacked=1">"'><b id=injected>\``;
  const checks = [failed('x', hostile, 1, [{ subject: hostile, message: hostile, hint: hostile }])];
  const report = reportOf(input.plan, {
    disk: [...checks, skipped('y', hostile, hostile)],
    cells: input.report.cells.map((cell) => ({ ...cell, title: hostile, checks, consoleTail: [hostile] })),
  });
  const sbom = { components: [{ name: hostile, version: hostile, type: hostile }] };
  const page = await open({ ...PHONE, scheme: 'light' }, { report, sbom });
  t.deepEqual(page.complaints(), { errors: [], requests: [] });
  t.deepEqual(
    await page.evaluate(
      `[typeof hacked, document.querySelectorAll('img, #injected').length, document.scripts.length, document.documentElement.scrollWidth]`,
    ),
    ['undefined', 0, 1, PHONE.width],
  );
  t.true(await page.evaluate<boolean>(`document.body.innerText.includes(${JSON.stringify(hostile)})`));
  await page.close();
});

interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** Run in the page: whole boxes of what is drawn and not scrolled away inside something, in the page's own pixels. */
const visibleBoxes = `(selector) => [...document.querySelectorAll(selector)].flatMap((element) => {
  const { left, top, width, height, right } = element.getBoundingClientRect();
  const frame = element.closest('.scroll')?.getBoundingClientRect() ?? { left: 0, right: innerWidth };
  const drawn = element.checkVisibility() && width > 0 && height > 0 && left >= frame.left && right <= frame.right;
  const covered = element.closest('.grid') && left < element.closest('tr').cells[0].getBoundingClientRect().right;
  return drawn && !covered ? [{ x: left + scrollX, y: top + scrollY, width, height }] : [];
})`;

/** Whether all of a box has one colour: nothing is written in it. */
function isEmpty(picture: Picture, box: Box): boolean {
  const colours = new Set<string>();
  for (let y = Math.ceil(box.y) + 4; y < box.y + box.height - 4; y += 1) {
    for (let x = Math.ceil(box.x) + 4; x < box.x + box.width - 4; x += 1)
      colours.add(picture.pixel(x, y).join());
  }
  return colours.size < 3;
}

/** Whether the middle of a bar has the luminance of what is around it. */
function isPaper(picture: Picture, { x, y, width, height }: Box): boolean {
  const bar = luminance(picture.pixel(Math.round(x + width / 2), Math.round(y + height / 2)));
  const around = luminance(picture.pixel(2, 2));
  return Math.abs(bar - around) < 0.05;
}

/**
 * Run in the page: how far each drawn text stands out from the colour behind it, by https://www.w3.org/TR/WCAG22/#contrast-minimum:
 * at least 4.5, or 3 where it is large (24 px, or 18.66 px and bold).
 */
const measureContrast = `() => {
  for (const details of document.querySelectorAll('details')) details.open = true;
  const canvas = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
  const rgba = (colour) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
    return { r, g, b, a: a / 255 };
  };
  const linear = (value) => (value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4);
  const light = ({ r, g, b }) => 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
  const over = (top, under) => ({
    r: top.r * top.a + under.r * (1 - top.a),
    g: top.g * top.a + under.g * (1 - top.a),
    b: top.b * top.a + under.b * (1 - top.a),
    a: 1,
  });
  const behind = (element) => {
    const layers = [];
    for (let at = element; at; at = at.parentElement) {
      const layer = rgba(getComputedStyle(at).backgroundColor);
      if (layer.a > 0) layers.push(layer);
      if (layer.a === 1) break;
    }
    return layers.reduceRight((under, layer) => over(layer, under), { r: 255, g: 255, b: 255, a: 1 });
  };
  const weak = new Set();
  let texts = 0;
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const text = walker.currentNode.data.trim();
    const element = walker.currentNode.parentElement;
    if (text === '' || element.closest('script, .unseen, .skip-link') || element.getClientRects().length === 0) continue;
    texts += 1;
    const style = getComputedStyle(element);
    const under = behind(element);
    const ink = over(rgba(element instanceof SVGElement ? style.fill : style.color), under);
    const [one, other] = [light(ink), light(under)].sort((left, right) => right - left);
    const ratio = (one + 0.05) / (other + 0.05);
    const size = parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    if (ratio < (large ? 3 : 4.5)) weak.add(ratio.toFixed(2) + ' ' + element.tagName + '.' + element.getAttribute('class') + ' ' + text.slice(0, 40));
  }
  return { texts, weak: [...weak] };
}`;
