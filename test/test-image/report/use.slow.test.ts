import test from 'ava';
import { failed, reportOf, skipped } from './fixture.js';
import { DESKTOP, PHONE, reportsInBrowser } from './open-report.js';

const { input, open } = reportsInBrowser();

test.serial('search finds parts and says how many', async (t) => {
  const page = await open({ ...DESKTOP, scheme: 'light' });
  const shown = await page.evaluate<unknown[]>(`(() => {
    const input = document.getElementById('parts-search');
    input.value = 'package-01 DEB';
    input.dispatchEvent(new Event('input'));
    const rows = [...document.getElementById('parts-table').tBodies[0].rows].filter((row) => row.checkVisibility());
    return [rows.length, document.getElementById('parts-found').textContent, input.getClientRects().length];
  })()`);
  const parts = input().sbom.components?.length;
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
  t.deepEqual(facts, [input().sbom.components?.length, 0, 0, PHONE.width]);
  await page.close();
});

test.serial('what a guest says stays text', async (t) => {
  const hostile = `<script>globalThis.hacked=1</script><img src="https://example.invalid/x" onerror="hacked=1">"'><b id=injected>\``;
  const checks = [failed('x', hostile, 1, [{ subject: hostile, message: hostile, hint: hostile }])];
  const report = reportOf(input().plan, {
    disk: [...checks, skipped('y', hostile, hostile)],
    cells: input().report.cells.map((cell) => ({ ...cell, title: hostile, checks, consoleTail: [hostile] })),
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
