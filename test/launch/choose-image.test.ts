import { mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test, { type ExecutionContext } from 'ava';
import type { KilnError } from '../../src/errors.js';
import { openClusterImage } from '../../src/launch/choose-image.js';
import { imageWithoutContent } from '../helpers/launch.js';

test('an image baked again is another when its disk is, though made from the same', async (t) => {
  const folder = path.join(scratch(t), 'image');
  const launched = imageWithoutContent(folder, { disk: 'aa'.repeat(32) });
  t.is((await openClusterImage(launched)).folder, folder);
  const again = imageWithoutContent(folder, { disk: 'bb'.repeat(32) });
  t.is(again.id, launched.id);
  const error = await t.throwsAsync(openClusterImage(launched), { code: 'IMAGE_INVALID' });
  t.regex(error?.message ?? '', /no longer the image/);
  t.regex((error as KilnError).hint ?? '', /bring back that very folder.*--image/);
});

test('a cluster from before digests of disks were kept goes by the id', async (t) => {
  const { folder, id } = imageWithoutContent(path.join(scratch(t), 'image'));
  t.is((await openClusterImage({ folder, id })).manifest.imageId, id);
  await t.throwsAsync(openClusterImage({ folder, id: 'sha256:another' }), { code: 'IMAGE_INVALID' });
});

test('an image that was moved away is told with its mend', async (t) => {
  const folder = path.join(scratch(t), 'image');
  const launched = imageWithoutContent(folder);
  renameSync(folder, `${folder}-moved`);
  const error = await t.throwsAsync(openClusterImage(launched), { code: 'IMAGE_INVALID' });
  t.regex((error as KilnError).hint ?? '', /bring back that very folder/);
});

function scratch(t: ExecutionContext): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'kiln-choose-image-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  return folder;
}
