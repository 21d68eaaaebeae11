import test from 'ava';
import { load } from 'js-yaml';
import { bootCellsSchema } from '../../src/catalog/boot-cells.js';
import { readYaml } from '../../src/catalog/read-yaml.js';
import { bootCells, chooseCells } from '../../src/test-image/boot-cells.js';
import { planOf } from '../helpers/plans.js';

const plan = planOf('debian12');

test('the matrix holds to its schema and its names are one of a kind', (t) => {
  const { cells, reboot } = bootCellsSchema.parse(readYaml('boot-cells.yaml'));
  const names = bootCells(plan).map(({ name }) => name);
  t.is(new Set(names).size, names.length);
  t.is(names.length, plan.roles.length + cells.length);
  for (const name of reboot) t.true(names.includes(name), name);
});

test('every role is a cell, so that a new role is booted without anyone thinking of it', (t) => {
  for (const { name, marker } of plan.roles) {
    const cell = bootCells(plan).find((one) => one.name === name);
    t.deepEqual(cell?.roles, [name]);
    t.deepEqual(Object.keys(cell?.markers ?? {}), [marker]);
  }
});

for (const cell of bootCells(plan)) {
  test(`the user data of ${cell.name} writes exactly the markers it says`, (t) => {
    if (cell.seed !== 'user-data') return t.is(cell.userData, '');
    const { write_files: files = [] } = load(cell.userData) as {
      write_files?: { path: string; content: string }[];
    };
    t.deepEqual(Object.fromEntries(files.map(({ path, content }) => [path, content])), cell.markers);
  });
}

test('a cell with a wrong marker names no role', (t) => {
  for (const cell of bootCells(plan).filter(({ refusedWith }) => refusedWith !== undefined)) {
    t.deepEqual(cell.roles, []);
  }
});

test('cells are chosen by name, in the order of the matrix', (t) => {
  const chosen = chooseCells(plan, ['no-marker', 'master']);
  t.deepEqual(
    chosen.map(({ name }) => name),
    ['master', 'no-marker'],
  );
  t.is(chooseCells(plan, []).length, bootCells(plan).length);
  t.throws(() => chooseCells(plan, ['mastre']), {
    code: 'UNKNOWN_NAME',
    message: /did you mean master\?/,
  });
});
