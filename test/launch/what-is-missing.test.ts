import test from 'ava';
import { whatIsMissing } from '../../src/launch/what-is-missing.js';
import { aNodeReport, aStatus, NOTHING_HEARD } from './a-status.js';

test('nothing when the API serves and the nodes are Ready', (t) => {
  t.deepEqual(
    whatIsMissing(aStatus([aNodeReport('m', ['master']), aNodeReport('n', ['minion'])]), ['m', 'n']),
    [],
  );
});

test('the API, with what it says', (t) => {
  const now = aStatus([aNodeReport('m', ['master'])], { state: 'not ready', detail: 'etcd' });
  t.deepEqual(whatIsMissing(now, ['m']), ['the API: not ready (etcd)']);
});

test('only the nodes asked for, with their state', (t) => {
  const kubernetes = { state: 'NotReady', ...NOTHING_HEARD } as const;
  const now = aStatus([
    aNodeReport('m', ['master']),
    aNodeReport('a', ['minion'], { kubernetes }),
    aNodeReport('b', ['minion'], { kubernetes }),
  ]);
  t.deepEqual(whatIsMissing(now, ['m', 'b']), ['b: NotReady']);
});

test('a machine that ended, whatever else is known of it', (t) => {
  const now = aStatus([aNodeReport('n', ['minion'], { machine: { state: 'failed', reason: 'panic' } })]);
  t.deepEqual(whatIsMissing(now, ['n']), ['n: machine failed']);
});

test('etcd nodes alone: no API is waited for, but their members are', (t) => {
  const now = aStatus([aNodeReport('e', ['etcd'], { etcd: 'unhealthy' })], { state: 'unreachable' });
  t.deepEqual(whatIsMissing(now, ['e']), ['e: etcd unhealthy']);
});

const STARTED = Date.parse('2026-01-01T00:01:00.900Z');

for (const [title, heard, missing] of [
  ['from before its start is none', '2026-01-01T00:00:40Z', ['n: not heard of since it was started']],
  ['of nobody knows when is none', null, ['n: not heard of since it was started']],
  ['since its start is one', '2026-01-01T00:01:20Z', []],
  ['told in whole seconds, by a clock that is a little behind, is one', '2026-01-01T00:00:58Z', []],
] as const) {
  test(`a Ready ${title}`, (t) => {
    const kubernetes = { ...NOTHING_HEARD, state: 'Ready', heard } as const;
    const now = aStatus([aNodeReport('m', ['master']), aNodeReport('n', ['minion'], { kubernetes })]);
    t.deepEqual(whatIsMissing(now, ['m', 'n'], new Map([['n', STARTED]])), [...missing]);
  });
}

test('a node that was not started now is Ready however long ago it said so; one without a kubelet is not waited for', (t) => {
  const kubernetes = { ...NOTHING_HEARD, state: 'Ready', heard: '2026-01-01T00:00:00Z' } as const;
  const now = aStatus([aNodeReport('m', ['master']), aNodeReport('n', ['minion'], { kubernetes })]);
  t.deepEqual(whatIsMissing(now, ['m', 'n'], new Map([['m', STARTED]])), []);
});
