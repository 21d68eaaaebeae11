import { createReadStream, createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { loadOs } from '../catalog/load-catalog.js';
import type { Gate } from '../gate/gate.js';
import type { Lock } from '../lock/lock.js';
import { createPlan } from '../plan/plan.js';
import type { Plan, PlannedSpec } from '../plan/types.js';
import type { Progress } from '../progress.js';
import type { AwsApi } from '../providers/aws/api.js';
import { type BaseAmi, checkBase, findNewestBase } from '../providers/aws/newest-base.js';
import { requireTools } from '../tools/check-tools.js';
import { checkAmi, findAmi } from './find-ami.js';
import { type AmiImage, imageFolderName, openAmi, writeAmiFolder } from './image-folder.js';
import { layOutFiles } from './lay-out-files.js';
import { makeOverlayTar } from './make-overlay-tar.js';
import { parsePackageTable } from './manifest/read-packages.js';
import type { BuilderSettings } from './packer/builder-settings.js';
import { makeAmi } from './packer/make-ami.js';
import { amiName } from './packer/render-packer-templates.js';
import { makeWorkFolder, publishWorkFolder } from './work-folder.js';

export interface BakeAmiOptions {
  gate: Gate;
  progress: Progress;
  api: AwsApi;
  spec: PlannedSpec;
  lock: Lock;
  settings: BuilderSettings;
  /** An AMI to start from; else the lock's, else the newest of the distribution's own account. */
  base?: string | undefined;
  /** Start from another account's AMI. */
  force?: boolean | undefined;
  mirror?: string | undefined;
  /** The folder images go to. */
  out: string;
  sshTimeout?: string | undefined;
}

/** What `bake image --target aws` gives back. */
export interface BakeAmiResult {
  ami: string;
  region: string;
  name: string;
  imageId: string;
  /** What it was made from. */
  base: string;
  folder: string;
  /** True when that very AMI was there already and nothing was built. */
  unchanged: boolean;
}

/**
 * Bakes an Amazon machine image, and a folder below `out` that says which it is. The folder appears under its name only when
 * the AMI is finished; an interrupted or failed bake leaves neither. `undefined` in a dry run.
 *
 * @throws KilnError PAIR_REFUSED, BASE_UNREACHABLE, USAGE, AWS_FAILED, OUT_DIR_UNWRITABLE, and whatever its steps throw
 */
export async function bakeAmi(options: BakeAmiOptions): Promise<BakeAmiResult | undefined> {
  const { api, progress, spec, settings } = options;
  progress.step(`Finding the base AMI in ${settings.region}`);
  const base = await chooseBase(options);
  if (base !== undefined) progress.note(`${base.base.id} ${base.base.name}`);
  const lock = lockWith(options, base);
  const plan = createPlan(spec, lock);
  const folder = path.join(path.resolve(options.out), folderName(plan));
  const found = await findAmi({ api, name: amiName(plan), imageId: plan.id });
  const bake: Bake = { ...options, wanted: options.base, base, lock, plan, folder };
  if (found !== undefined) return resultOf(await adopt(bake, found), plan, settings.region, true);
  const made = await build(bake);
  return made === undefined ? undefined : resultOf(made, plan, settings.region, false);
}

/** What a dry run says of a base that only AWS knows. */
const UNKNOWN = '(the newest, found at the bake)';

type Bake = Omit<BakeAmiOptions, 'base'> & {
  wanted: string | undefined;
  base: BaseAmi | undefined;
  plan: Plan;
  folder: string;
};

/** The one asked for, else the lock's for this region, else the newest. */
async function chooseBase({
  api,
  spec,
  lock,
  base,
  force = false,
}: BakeAmiOptions): Promise<BaseAmi | undefined> {
  const os = loadOs(spec.os);
  const question = { api, os, arch: spec.arch };
  const owner = force ? undefined : os.ami.owner;
  if (base !== undefined) return await checkBase({ ...question, id: base, owner });
  if (lock.base?.kind !== 'ami' || lock.base.region !== api.region) return await findNewestBase(question);
  // Without --force the lock's owner is the distribution's; with it, the one a person once took.
  return await checkBase({ ...question, id: lock.base.id, owner: force ? lock.base.owner : owner });
}

/** The lock of this very image: another kind of base, or another region's, has no part in it. */
function lockWith({ lock, base: wanted, settings }: BakeAmiOptions, base: BaseAmi | undefined): Lock {
  const { base: locked, ...rest } = lock;
  if (base !== undefined) return { ...rest, base: base.base };
  const stays = wanted === undefined && locked?.kind === 'ami' && locked.region === settings.region;
  return stays ? lock : rest;
}

/** In a dry run the base may not be known, and with it the image id. */
function folderName(plan: Plan): string {
  const name = imageFolderName(plan, 'aws');
  return plan.base?.kind === 'ami' ? name : name.replace(/-[0-9a-f]+$/, '-ID');
}

async function build(bake: Bake): Promise<AmiImage | undefined> {
  const { gate, progress, api, plan, base, folder } = bake;
  if (!gate.dryRun) requireTools('packer --target aws');
  const work = await makeWorkFolder(gate, path.dirname(folder));
  const overlay = path.join(work, 'overlay');
  const archive = path.join(work, 'overlay.tar');
  const engine = path.join(work, 'engine');
  try {
    await layOutFiles({ ...bake, overlay });
    await makeOverlayTar({ gate, tree: overlay, file: archive });
    const compressed = await compress(gate, archive);
    const sourceAmi = bake.wanted ?? (plan.base?.kind === 'ami' ? plan.base.id : UNKNOWN);
    const made = await makeAmi({ ...bake, sourceAmi, overlay: compressed, workDir: engine });
    const image = await gate.perform(
      { verb: 'write', target: work, reason: 'plan, lock and AMI id' },
      async () => {
        if (made === undefined || base === undefined) return undefined;
        progress.step('Checking the AMI');
        await checkAmi({ api, id: made.id, imageId: plan.id, signal: gate.signal });
        for (const name of [overlay, archive, compressed, engine])
          await rm(name, { recursive: true, force: true });
        const packages = parsePackageTable(made.packageTable);
        const finished = describeImage(bake, made.id, { tools: made.tools, packages });
        await writeAmiFolder({ ...finished, folder: work });
        return finished;
      },
    );
    await publishWorkFolder(gate, work, folder);
    return image;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** The AMI is there, the folder may not be: it says which AMI the image is, so it is made again. */
async function adopt(bake: Bake, id: string): Promise<AmiImage> {
  const { gate, folder, plan, settings } = bake;
  const known = await openAmi(folder).catch(() => undefined);
  if (known?.manifest.imageId === plan.id && known.ami.amis[settings.region] === id) return known;
  const image = describeImage(bake, id, { tools: {} });
  const work = await makeWorkFolder(gate, path.dirname(folder));
  try {
    await writeAmiFolder({ ...image, folder: work });
    await publishWorkFolder(gate, work, folder);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return image;
}

function describeImage(
  { plan, lock, folder, settings, base }: Bake,
  id: string,
  facts: Pick<AmiImage['manifest'], 'tools' | 'packages'>,
): AmiImage {
  if (base === undefined) throw new Error('an AMI without a base');
  return {
    folder,
    plan,
    ami: { version: 1, amis: { [settings.region]: id }, base: base.base },
    manifest: {
      version: 1,
      imageId: plan.id,
      plan: { digest: plan.id, spec: plan.spec, verdict: plan.verdict },
      engine: 'packer',
      lock,
      ...facts,
    },
  };
}

function resultOf({ ami, folder }: AmiImage, plan: Plan, region: string, unchanged: boolean): BakeAmiResult {
  return {
    ami: ami.amis[region] ?? '',
    region,
    name: amiName(plan),
    imageId: plan.id,
    base: ami.base.id,
    folder,
    unchanged,
  };
}

/** It goes over somebody's line: a third of the bytes. The quickest level, as the builder waits for it. */
async function compress(gate: Gate, file: string): Promise<string> {
  const compressed = `${file}.gz`;
  await gate.perform({ verb: 'write', target: compressed, reason: 'what is uploaded' }, async (signal) => {
    const { createGzip } = await import('node:zlib');
    await pipeline(createReadStream(file), createGzip({ level: 1 }), createWriteStream(compressed), {
      signal,
    });
  });
  return compressed;
}
