import type { ClusterImage } from './types.js';

/** Whether disks made on one image fit the other: the same place, inputs and, where both are known, bytes. */
export function isSameImage(left: ClusterImage, right: ClusterImage): boolean {
  const sameBytes = left.disk === undefined || right.disk === undefined || left.disk === right.disk;
  return left.folder === right.folder && left.id === right.id && sameBytes;
}
