import { imageReference } from '../../lock/image-reference.js';
import type { Plan } from '../../plan/types.js';

const SMOKE_IMAGE = 'image/smoke';

/** The reference of the busybox baked for the smoke test; undefined when the image's source has none. */
export function smokeImage({ artifacts }: Pick<Plan, 'artifacts'>): string | undefined {
  const artifact = artifacts.find(({ name }) => name === SMOKE_IMAGE);
  return artifact === undefined ? undefined : imageReference(artifact);
}
