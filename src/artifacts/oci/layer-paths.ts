import { createGate } from '../../gate/gate.js';
import type { LockedArtifact } from '../../plan/types.js';
import { silentProgress } from '../../progress.js';
import { fetchImage } from './fetch-image.js';

/** The layers of an image that is cached already, the topmost first. @throws MissingBlob when it is not. */
export async function layerPaths(artifact: LockedArtifact): Promise<string[]> {
  const session = {
    gate: createGate({}),
    mirror: undefined,
    offline: true,
    progress: silentProgress,
    settings: undefined,
    unreachable: new Map<string, string>(),
  };
  const image = await fetchImage(artifact, session, session.gate.signal);
  return (image?.layers ?? []).map(({ path }) => path).reverse();
}
