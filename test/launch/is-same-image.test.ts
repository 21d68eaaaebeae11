import test from 'ava';
import { isSameImage } from '../../src/launch/is-same-image.js';

const image = { folder: '/images/one', id: 'sha256:one', disk: 'aa' };

test('the same: folder, id and disk; a disk that is not known is none that differs', (t) => {
  const { disk: _disk, ...before } = image;
  t.true(isSameImage(image, { ...image }));
  t.true(isSameImage(before, image));
  t.true(isSameImage(image, before));
});

for (const change of [{ folder: '/images/two' }, { id: 'sha256:two' }, { disk: 'bb' }]) {
  test(`another: ${JSON.stringify(change)}`, (t) => {
    t.false(isSameImage(image, { ...image, ...change }));
  });
}
