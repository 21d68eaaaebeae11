import path from 'node:path';
import { defaultDebianMirror } from '../../artifacts/debian/default-debian-mirror.js';
import { makeDebianMirror } from '../../artifacts/debian/make-debian-mirror.js';
import { fetchArtifacts } from '../../artifacts/fetch-artifacts.js';
import { mirrorArtifacts } from '../../artifacts/mirror-artifacts.js';
import { DEFAULTS } from '../../spec/defaults.js';
import { resolveSpec, type Selectors } from '../../spec/resolve-spec.js';
import { formatActions, formatTable, printResult } from '../print.js';
import { withSession } from '../session.js';

type FetchCommandOptions = Selectors & {
  source: 'upstream' | 'debian';
  to?: string | undefined;
  offline?: true | undefined;
  dryRun?: true | undefined;
  json?: true | undefined;
};

/** `bake fetch`: into the cache, or into a mirror; prints where the artifacts are. */
export async function runFetch(options: FetchCommandOptions): Promise<void> {
  await withSession(options, async (session) => {
    const result = await (options.source === 'debian' ? fetchFromDebian : fetchUpstream)(options, session);
    if (session.gate.dryRun) printResult(session.gate.actions, formatActions(session.gate.actions), options);
    else printResult(result.json, result.text, options);
  });
}

type Session = Parameters<Parameters<typeof withSession>[1]>[0];
interface Result {
  json: unknown;
  text: string;
}

async function fetchFromDebian(
  { to, arch = DEFAULTS.arch }: FetchCommandOptions,
  { gate, progress }: Session,
): Promise<Result> {
  const folder = path.resolve(to ?? defaultDebianMirror(arch));
  const lock = await makeDebianMirror({ gate, to: folder, arch, suite: 'bookworm', progress });
  return { json: { mirror: folder, lock }, text: folder };
}

async function fetchUpstream(options: FetchCommandOptions, { gate, progress }: Session): Promise<Result> {
  const { lock } = await resolveSpec(options);
  const { mirror, offline } = options;
  const common = { gate, progress, mirror, offline };
  if (options.to !== undefined) {
    const to = path.resolve(options.to);
    await mirrorArtifacts({ ...common, lock, to });
    return { json: { mirror: to, lock }, text: to };
  }
  const paths = await fetchArtifacts({ ...common, artifacts: lock.artifacts });
  return { json: Object.fromEntries(paths), text: formatTable([...paths].map((entry) => [...entry])) };
}
