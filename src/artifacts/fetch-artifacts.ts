import { KilnError } from '../errors.js';
import type { Gate } from '../gate/gate.js';
import type { LockedArtifact } from '../plan/types.js';
import { type Progress, silentProgress } from '../progress.js';
import { cachedPath } from './cache.js';
import { DownloadProblem, type DownloadRequest, type NetworkSettings } from './download.js';
import { type FetchSession, fetchBlob, MissingBlob } from './fetch-blob.js';
import { assembleOciArchive } from './oci/assemble-oci-archive.js';
import { fetchImage } from './oci/fetch-image.js';
import { runParallel } from './run-parallel.js';

/** Enough to fill a line while one host is slow; more only splits the same bandwidth. */
const PARALLEL = 4;

export interface FetchOptions {
  gate: Gate;
  artifacts: readonly LockedArtifact[];
  /** A folder with the same files at `<host>/<path>`; asked before the network. */
  mirror?: string | undefined;
  /** Touch no network. */
  offline?: boolean | undefined;
  progress?: Progress | undefined;
  settings?: NetworkSettings | undefined;
}

/** One artifact that is here: all its files by URL and digest (several for an image), and the one a bake uses. */
export interface FetchedArtifact {
  artifact: LockedArtifact;
  /** In the cache: the file itself, or an archive of the image that `ctr images import` reads. */
  path: string;
  files: { url: string; digest: string; path: string }[];
}

/**
 * Brings every artifact into the cache and returns name → path there (for an image, the path of an OCI archive).
 * Digests are checked while the bytes arrive; what is cached is not asked for again. In a dry run nothing is downloaded
 * and the paths are those the files would have.
 *
 * @throws KilnError ARTIFACTS_MISSING (offline) or DOWNLOAD_FAILED, each with everything that did not come; DIGEST_MISMATCH,
 *   DISK_FULL, OUT_DIR_UNWRITABLE at once
 */
export async function fetchArtifacts(options: FetchOptions): Promise<Map<string, string>> {
  const fetched = await fetchAll(options);
  return new Map(fetched.map(({ artifact, path }) => [artifact.name, path]));
}

/** As `fetchArtifacts`, with the files each artifact consists of. */
export async function fetchAll(options: FetchOptions): Promise<FetchedArtifact[]> {
  const { gate, artifacts, mirror, offline = false, progress = silentProgress, settings } = options;
  const session: FetchSession = { gate, mirror, offline, progress, settings, unreachable: new Map() };
  const missing: DownloadRequest[] = [];
  const failed: DownloadProblem[] = [];
  const results = await runParallel({
    items: artifacts,
    limit: PARALLEL,
    signal: gate.signal,
    async work(artifact, signal) {
      try {
        return await fetchOne(artifact, session, signal);
      } catch (error) {
        // These two are told together at the end; everything else stops the fetch.
        if (error instanceof MissingBlob) missing.push(error.request);
        else if (error instanceof DownloadProblem) failed.push(error);
        else throw error;
        return undefined;
      }
    },
  });
  if (missing.length > 0) throw artifactsMissing(missing, mirror);
  if (failed.length > 0) throw downloadFailed(failed);
  return results.flatMap((result) => result ?? []);
}

async function fetchOne(
  artifact: LockedArtifact,
  session: FetchSession,
  signal: AbortSignal,
): Promise<FetchedArtifact> {
  if (artifact.kind !== 'oci') {
    const { url, digest } = artifact;
    const path = (await fetchBlob(artifact, session, signal)) ?? cachedPath(digest);
    return { artifact, path, files: [{ url, digest, path }] };
  }
  const image = await fetchImage(artifact, session, signal);
  if (image === undefined) return { artifact, path: cachedPath(artifact.digest), files: [] };
  return { artifact, path: await assembleOciArchive({ artifact, image }), files: image.files };
}

function artifactsMissing(missing: DownloadRequest[], mirror: string | undefined): KilnError {
  const list = missing
    .sort(byName)
    .map(({ name, url, digest }) => `  ${name}\n    ${url}\n    ${digest}`)
    .join('\n');
  const where = mirror === undefined ? 'the cache' : `the cache or ${mirror}`;
  return new KilnError(
    'ARTIFACTS_MISSING',
    `Offline, and ${missing.length} of the artifacts are not in ${where}:\n${list}`,
    {
      hint: 'Make a mirror where there is a network (`bake fetch --to DIR`) and give it with --mirror DIR.',
    },
  );
}

function downloadFailed(failed: DownloadProblem[]): KilnError {
  const hosts = Map.groupBy(failed, ({ request }) => new URL(request.url).host);
  const list = [...hosts]
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .flatMap(([host, problems]) => [`  ${host}`, ...describeProblems(problems)])
    .join('\n');
  return new KilnError('DOWNLOAD_FAILED', `Could not download ${failed.length} of the artifacts:\n${list}`, {
    hint: 'Give a mirror with --mirror DIR (made elsewhere by `bake fetch --to DIR`), or, where a Debian archive is all there is, run `bake fetch --source debian`. What arrived stays cached, and a second run resumes.',
  });
}

function describeProblems(problems: DownloadProblem[]): string[] {
  return problems
    .sort((left, right) => byName(left.request, right.request))
    .flatMap(({ request, reason }) => [`    ${request.name}: ${reason}`, `      ${request.url}`]);
}

function byName(left: DownloadRequest, right: DownloadRequest): number {
  return left.name < right.name ? -1 : Number(left.name > right.name);
}
