import test from 'ava';
import { LARGEST_CALL, spreadInBatches, spreadSingly } from '../../../../src/providers/aws/launch/spread.js';

const places = (...there: number[]) =>
  there.map((each, index) => ({ subnet: `subnet-${index}`, there: each }));

/** How many nodes each subnet gets. */
function totals(batches: readonly { subnet: string | undefined; count: number }[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const { subnet, count } of batches) sums[String(subnet)] = (sums[String(subnet)] ?? 0) + count;
  return sums;
}

test('one node a call, each to the emptiest subnet, in the order given among equals', (t) => {
  const subnets = (count: number, ...there: number[]) =>
    spreadSingly(count, places(...there)).map(({ subnet }) => subnet);
  t.deepEqual(subnets(3, 0, 0, 0), ['subnet-0', 'subnet-1', 'subnet-2']);
  t.deepEqual(subnets(2, 1, 0, 1), ['subnet-1', 'subnet-0']);
  t.deepEqual(subnets(3, 2, 0), ['subnet-1', 'subnet-1', 'subnet-0']);
  t.deepEqual(subnets(0, 0), []);
  t.deepEqual(spreadSingly(3, []), []);
});

test('what is there counts for batches too', (t) => {
  t.deepEqual(totals(spreadInBatches(30, places(20, 10, 0))), { 'subnet-1': 10, 'subnet-2': 20 });
});

for (const subnets of [1, 2, 3, 4, 5, 6, 7, 9, 12, 30]) {
  test(`a thousand nodes in ${subnets} subnets: all of them, at most 12 calls of at most a hundred`, (t) => {
    const batches = spreadInBatches(1000, places(...Array.from({ length: subnets }, () => 0)));
    t.is(
      batches.reduce((sum, { count }) => sum + count, 0),
      1000,
    );
    t.true(batches.length <= 12, String(batches.length));
    t.true(batches.every(({ count }) => count >= 1 && count <= LARGEST_CALL));
  });
}

test('an even spread, and no call for a small rest', (t) => {
  const batches = spreadInBatches(750, places(0, 0, 0));
  t.deepEqual(totals(batches), { 'subnet-0': 250, 'subnet-1': 250, 'subnet-2': 250 });
  t.deepEqual(
    batches.slice(0, 3).map(({ count }) => count),
    [84, 83, 83],
  );
});

test('a dry run without subnets has one place, which has no name', (t) => {
  t.deepEqual(spreadInBatches(101, [{ subnet: undefined, there: 0 }]), [
    { subnet: undefined, count: 51 },
    { subnet: undefined, count: 50 },
  ]);
});
