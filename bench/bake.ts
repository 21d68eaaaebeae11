import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { cacheFolder } from '../src/artifacts/cache.js';
import { defaultDebianMirror } from '../src/artifacts/debian/default-debian-mirror.js';
import { repositoryPath } from '../src/repository.js';
import { measure, type Run } from './measure.js';

/**
 * Bakes one image with both engines from the same mirror on the same machine: cold (no package cache), warm (one setting
 * changed), nothing changed. Needs root, the Debian mirror (`bake fetch --source debian`) and 20 GB. Absolute times say
 * more of the machine; the ratios at the end are what to quote.
 */
const folder = await mkdtemp(repositoryPath('out', 'kiln-bench-'));
try {
  await run();
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function run(): Promise<void> {
  const base = path.join(folder, 'base.qcow2');
  report(
    'base disk (packer starts from it)',
    await measure(repositoryPath('bin', 'bake'), ['base', '--out', base]),
  );
  const mkosi = await series('mkosi', []);
  const packer = await series('packer', ['--base', base]);
  for (const stage of ['cold', 'warm', 'nothing changed'] as const) {
    process.stdout.write(
      `packer : mkosi, ${stage}: ${((packer[stage]?.seconds ?? 0) / (mkosi[stage]?.seconds ?? 1)).toFixed(1)}\n`,
    );
  }
}

async function series(engine: string, extra: readonly string[]): Promise<Record<string, Run>> {
  const cache = await cacheWithoutPackages(engine);
  const out = path.join(folder, engine);
  const bake = (config: string): Promise<Run> =>
    measure(
      repositoryPath('bin', 'bake'),
      [
        'image',
        '--os',
        'debian12',
        '--network',
        'routed',
        '--engine',
        engine,
        ...extra,
        '--mirror',
        defaultDebianMirror('amd64'),
        '--out',
        out,
        '--config',
        config,
      ],
      { XDG_CACHE_HOME: cache },
    );
  const one = await writeConfig('one.yaml', '10.244.0.0/16');
  const two = await writeConfig('two.yaml', '10.77.0.0/16');
  const runs = { cold: await bake(one), warm: await bake(two), 'nothing changed': await bake(two) };
  for (const [stage, run] of Object.entries(runs)) report(`${engine} ${stage}`, run);
  return runs;
}

/** The tools and artifacts are there already, as they are for everyone's second image; installed packages are not. */
async function cacheWithoutPackages(engine: string): Promise<string> {
  const cache = path.join(folder, `${engine}-cache`);
  await mkdir(path.join(cache, 'kiln'), { recursive: true });
  for (const name of await readdir(cacheFolder())) {
    if (name !== 'mkosi') await symlink(cacheFolder(name), path.join(cache, 'kiln', name));
  }
  return cache;
}

async function writeConfig(name: string, podCidr: string): Promise<string> {
  const file = path.join(folder, name);
  await writeFile(file, `podCidr: ${podCidr}\n`);
  return file;
}

function report(title: string, { seconds, peakMiB }: Run): void {
  process.stdout.write(`${title}: ${seconds.toFixed(1)} s, peak ${peakMiB.toFixed(0)} MiB in bake itself\n`);
}
