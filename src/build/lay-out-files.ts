import { fetchArtifacts } from '../artifacts/fetch-artifacts.js';
import { locateArtifacts } from '../artifacts/locate-artifacts.js';
import type { Gate } from '../gate/gate.js';
import type { LockedArtifact, Plan } from '../plan/types.js';
import type { Progress } from '../progress.js';
import { writeOverlay } from '../render/write-overlay.js';

/** Fetches a plan's artifacts, and what else is wanted with them, and writes every planned file below `overlay`. */
export async function layOutFiles({
  gate,
  progress,
  plan,
  mirror,
  offline,
  overlay,
  alsoFetch = [],
}: {
  gate: Gate;
  progress: Progress;
  plan: Plan;
  mirror?: string | undefined;
  offline?: boolean | undefined;
  overlay: string;
  alsoFetch?: readonly LockedArtifact[];
}): Promise<void> {
  const wanted = [...plan.artifacts, ...alsoFetch];
  progress.step(`Fetching ${wanted.length} artifacts`);
  const paths = await fetchArtifacts({ gate, progress, artifacts: wanted, mirror, offline });
  if (gate.dryRun) return await writeOverlay({ gate, plan, locate: () => '', to: overlay });
  progress.step(`Laying out ${plan.files.length} planned files`);
  const locate = await locateArtifacts({ gate, plan, paths });
  await writeOverlay({ gate, plan, locate, to: overlay });
}
