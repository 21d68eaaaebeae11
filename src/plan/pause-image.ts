import { imageReference } from '../lock/image-reference.js';
import type { PlanInput } from './plan-input.js';

/** The full reference of the baked sandbox image, as containerd knows it: `registry.k8s.io/pause:3.9`. */
export function pauseImage({ lock }: Pick<PlanInput, 'lock'>): string {
  const artifact = lock.artifacts.find(({ name }) => name === 'image/pause');
  if (artifact === undefined) throw new Error('The lock has no image/pause');
  return imageReference(artifact);
}
