import path from 'node:path';
import { bakeImage, type Engine } from '../../build/bake-image.js';
import { loadOs } from '../../catalog/load-catalog.js';
import { KilnError } from '../../errors.js';
import type { Lock } from '../../lock/lock.js';
import { createPlan } from '../../plan/plan.js';
import type { Plan } from '../../plan/types.js';
import { DEFAULTS } from '../../spec/defaults.js';
import { readConfig } from '../../spec/read-config.js';
import { resolveSpec, type Selectors } from '../../spec/resolve-spec.js';
import type { Config } from '../../spec/spec.js';
import { formatFindings } from '../format-plan.js';
import { formatActions, printResult } from '../print.js';
import { withSession } from '../session.js';

export type ImageOptions = Selectors & {
  engine?: Engine | undefined;
  target?: 'disk' | 'aws' | undefined;
  base?: string | undefined;
  region?: string | undefined;
  adminCidr?: string[] | undefined;
  offline?: true | undefined;
  out?: string | undefined;
  force?: true | undefined;
  dryRun?: true | undefined;
  json?: true | undefined;
};

/** `bake image`: prints the image's folder, or the AMI's id. @throws KilnError PAIR_REFUSED unless forced, USAGE. */
export async function runImage(options: ImageOptions): Promise<void> {
  const config = await readConfig(options.config);
  if ((options.target ?? config.target) === 'aws')
    return await (await import('./image-on-aws.js')).runImageOnAws(options, config);
  await bakeDisk(options, config);
}

async function bakeDisk(options: ImageOptions, config: Config): Promise<void> {
  const given = await resolveSpec(options);
  const { spec } = given;
  const lock = withoutAmi(given.lock);
  const plan = createPlan(spec, lock);
  checkVerdict(plan, options.force ?? false);
  const engine = chooseEngine(spec.os, options.engine ?? config.engine);
  const base = options.base ?? config.base;
  const out = options.out ?? config.out ?? DEFAULTS.out;
  const mirror = options.mirror ?? config.mirror;
  await withSession(options, async ({ gate, progress }) => {
    const { offline } = options;
    const result = await bakeImage({ gate, progress, plan, lock, engine, base, mirror, offline, out });
    progress.end();
    if (gate.dryRun) return printResult(gate.actions, formatActions(gate.actions), options);
    if (result.unchanged)
      process.stderr.write(`Nothing changed: ${path.relative('', result.folder)} is that very image.\n`);
    printResult(result, path.relative('', result.folder), options);
  });
}

/** A lock may name the AMI that images on AWS start from; a disk starts from the catalog's base then. */
function withoutAmi(lock: Lock): Lock {
  if (lock.base?.kind !== 'ami') return lock;
  const { base: _base, ...rest } = lock;
  return rest;
}

/** mkosi where the OS's data says it can serve, Packer for the rest. */
function chooseEngine(osName: string, wanted: Engine | undefined): Engine {
  const { engines, title } = loadOs(osName);
  const engine = wanted ?? (engines.includes('mkosi') ? 'mkosi' : 'packer');
  if (engines.includes(engine)) return engine;
  throw new KilnError('USAGE', `Engine ${engine} cannot build ${title}`, {
    hint: `Use --engine ${engines.join(' or ')}.`,
  });
}

/** Prints what the support matrix says of the plan. @throws KilnError PAIR_REFUSED unless forced. */
export function checkVerdict({ verdict, findings }: Plan, force: boolean): void {
  if (verdict === 'refused' && !force) {
    throw new KilnError('PAIR_REFUSED', `This combination is refused:\n${formatFindings(findings)}`, {
      hint: '`bake plan` shows what it would be; --force bakes it all the same.',
    });
  }
  if (findings.length > 0) process.stderr.write(`${formatFindings(findings)}\n`);
}
