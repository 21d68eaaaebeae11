import { diffImages } from '../../update/diff-images.js';
import { formatDiff, formatDiffMarkdown } from '../../update/format-diff.js';
import { printResult } from '../print.js';

/** `bake diff`: what differs between two images. @throws KilnError IMAGE_INVALID */
export async function runDiff(
  before: string,
  after: string,
  options: { markdown?: true | undefined; json?: true | undefined },
): Promise<void> {
  const diff = await diffImages(before, after);
  printResult(diff, options.markdown === true ? formatDiffMarkdown(diff) : formatDiff(diff), options);
}
