import test from 'ava';
import type { Manifest } from '../../../../src/build/manifest/make-manifest.js';
import { sizesView } from '../../../../src/test-image/report/views/sizes-view.js';
import { fixture } from '../fixture.js';

interface Bar {
  name: string;
  note: string;
  share: string;
  width: string;
}

function bars(view: ReturnType<typeof sizesView>, name: 'components' | 'folders'): Bar[] {
  return view[name] as unknown as Bar[];
}

test('both lists of bars add up to the whole and are sorted', async (t) => {
  const { plan, manifest } = await fixture();
  const view = sizesView(plan, manifest);
  for (const name of ['components', 'folders'] as const) {
    const all = bars(view, name);
    const shares = all.map(({ share }) => Number.parseFloat(share));
    t.true(Math.abs(shares.reduce((sum, share) => sum + share, 0) - 100) < 1, name);
    t.deepEqual(
      [...shares].sort((left, right) => right - left),
      shares,
    );
    t.is(all[0]?.width, '100.00%');
    t.true(all.length <= 25, `${all.length} bars`);
  }
});

test('names the components of the plan with their versions', async (t) => {
  const { plan, manifest } = await fixture();
  const names = bars(sizesView(plan, manifest), 'components').map(({ name }) => name);
  const planned = plan.files.flatMap((file) => ('artifact' in file ? [file.artifact] : []));
  t.deepEqual([...names].sort(), [...new Set([...planned, 'the system'])].sort());
});

test('splits the largest folder first, and never says a byte twice', async (t) => {
  const { plan, manifest } = await fixture();
  const file = (path: string, size: number): Manifest['files'][number] => ({
    path,
    type: 'file',
    mode: '0644',
    uid: 0,
    gid: 0,
    size,
    sha256: '0',
  });
  const files = [file('/a/b/big', 800), file('/a/b/small', 1), file('/c', 150), file('/d/e', 49)];
  const view = sizesView(plan, { ...manifest, files });
  t.deepEqual(
    bars(view, 'folders').map(({ name, note, share }) => [name, note, share]),
    [
      ['/a/b/big', '', '80.0 %'],
      ['/c', '', '15.0 %'],
      ['/d/e', '', '4.9 %'],
      ['/a/b', 'the rest of it', '0.1 %'],
    ],
  );
});

test('a tree without a file has no bar longer than nothing', async (t) => {
  const { plan, manifest } = await fixture();
  const view = sizesView(plan, { ...manifest, files: [] });
  t.is(view.total, '0 B');
  t.true(bars(view, 'folders').every(({ width }) => width === '0.00%'));
});
