import { bakeAmi } from '../../build/bake-ami.js';
import { resolveBuilderSettings } from '../../build/packer/builder-settings.js';
import { loadOs } from '../../catalog/load-catalog.js';
import { KilnError } from '../../errors.js';
import { createPlan } from '../../plan/plan.js';
import { openAws } from '../../providers/aws/open-aws.js';
import { DEFAULTS } from '../../spec/defaults.js';
import { resolveSpec } from '../../spec/resolve-spec.js';
import type { Config } from '../../spec/spec.js';
import { formatActions, printResult } from '../print.js';
import { withSession } from '../session.js';
import { checkVerdict, type ImageOptions } from './image.js';

/** `bake image --target aws`: prints the AMI's id. @throws KilnError USAGE, PAIR_REFUSED, and what the bake throws. */
export async function runImageOnAws(options: ImageOptions, config: Config): Promise<void> {
  const { spec, lock } = await resolveSpec(options);
  checkEngine(spec.os, options.engine ?? config.engine);
  const base = checkBaseName(options.base ?? config.base);
  if (options.offline) {
    throw new KilnError('USAGE', '--offline touches no network, and an AMI is made on AWS', {
      hint: 'Leave out --offline; with --mirror DIR nothing is downloaded that is there.',
    });
  }
  const settings = resolveBuilderSettings({ flags: options, config: config.aws });
  checkVerdict(createPlan(spec, lock), options.force ?? false);
  if (base === undefined && lock.base?.kind === 'ami' && lock.base.region !== settings.region)
    process.stderr.write(
      `The lock's base is of ${lock.base.region}; in ${settings.region} the newest one is taken.\n`,
    );
  await withSession(options, async ({ gate, progress }) => {
    const result = await bakeAmi({
      gate,
      progress,
      api: openAws({ gate, region: settings.region }),
      spec,
      lock,
      settings,
      base,
      force: options.force,
      mirror: options.mirror ?? config.mirror,
      out: options.out ?? config.out ?? DEFAULTS.out,
    });
    progress.end();
    if (result === undefined) return printResult(gate.actions, formatActions(gate.actions), options);
    if (result.unchanged)
      process.stderr.write(`Nothing changed: ${result.name} in ${result.region} is that very image.\n`);
    printResult(result, result.ami, options);
  });
}

/** @throws KilnError USAGE: mkosi makes disks, and only Packer knows EC2. */
function checkEngine(osName: string, engine: string | undefined): void {
  const { engines, title } = loadOs(osName);
  if (engine === 'mkosi') {
    throw new KilnError('USAGE', 'Engine mkosi makes disks; it cannot bake an Amazon machine image', {
      hint: 'Use --engine packer, or leave it out: with --target aws nothing else serves.',
    });
  }
  if (engines.includes('packer')) return;
  throw new KilnError('USAGE', `Packer cannot build ${title}, and nothing else makes an AMI`);
}

function checkBaseName(base: string | undefined): string | undefined {
  if (base === undefined || /^ami-[0-9a-f]{8,17}$/.test(base)) return base;
  throw new KilnError('USAGE', `${base} is no AMI id; with --target aws the base is an AMI`, {
    hint: 'Say --base ami-…, or leave it out (in kiln.yaml: `base`) for the newest of the distribution’s own.',
  });
}
