import { KilnError } from '../../../../errors.js';
import type { Gate } from '../../../../gate/gate.js';
import { parseNodes } from '../../../../launch/parse-request.js';
import { silentProgress } from '../../../../progress.js';
import { type AwsLaunched, type ImageWish, launchOnAws } from '../../../../providers/aws/launch-on-aws.js';
import { openAws } from '../../../../providers/aws/open-aws.js';
import { resolveAwsSettings, whatIsMissing } from '../../../../providers/aws/settings.js';
import type { AwsSettings } from '../../../../providers/aws/types.js';
import type { AwsConfig } from '../../../../spec/aws-config.js';
import { formatActions, formatTable, printResult } from '../../../print.js';
import { type Session, withSession } from '../../../session.js';
import { interruptedMeans } from '../interrupted-means.js';
import type { LaunchOptions } from '../launch.js';
import { readImageWish } from './image-wish.js';

/** An account's network interfaces in a region, one a node. Source: VPC quotas, their default. */
const MOST_NODES = 5000;
const GO_ON =
  'The same command finishes the launch (with +N, say the whole number); `launch destroy --provider aws` takes everything away.';

/**
 * `launch` on AWS: prints the nodes of the roles; a dry run prints every call, and needs no account.
 *
 * @throws KilnError USAGE, UNKNOWN_NAME, LAUNCH_REFUSED, LAUNCH_FAILED after printing what is there; AwsError.
 */
export async function runLaunchOnAws(options: LaunchOptions, config: AwsConfig | undefined): Promise<void> {
  const request = parseNodes(options, { most: MOST_NODES });
  const shape = shapeOf(options);
  const { settings, image } = await resolve(options, request.roles, config);
  await withSession(options, async ({ gate, progress }: Session) => {
    const { region } = settings;
    const launched = await launchOnAws({
      api: openAws({ gate, region, onWait: (text) => progress.note(text) }),
      progress: gate.dryRun ? silentProgress : progress,
      signal: gate.signal,
      ...{ request, settings, image, shape },
      force: options.force === true,
      wait: options.wait ?? process.stdout.isTTY === true,
    });
    progress.end();
    for (const warning of launched.warnings) process.stderr.write(`warning: ${warning}\n`);
    if (gate.dryRun) return printDryRun(gate, launched, settings, options);
    printLaunched(launched, options);
  }).catch(interruptedMeans('what was launched stays', GO_ON));
}

function shapeOf({ asg, instances }: LaunchOptions): 'group' | 'instances' | undefined {
  if (asg === true && instances === true) {
    throw new KilnError('USAGE', '--asg and --instances exclude each other', {
      hint: 'Leave both out: minions come as a group, all others as instances.',
    });
  }
  if (asg === true) return 'group';
  return instances === true ? 'instances' : undefined;
}

/** An image's folder knows its processor, and so the default type; which AMI it is depends on the region. */
async function resolve(
  options: LaunchOptions,
  roles: readonly string[],
  config: AwsConfig | undefined,
): Promise<{ settings: AwsSettings; image: ImageWish }> {
  const { region } = resolveAwsSettings(options, config);
  const image = await readImageWish({ image: options.image, region, roles });
  return { settings: resolveAwsSettings(options, config, { arch: image.arch }), image };
}

function printDryRun(
  { actions }: Gate,
  launched: AwsLaunched,
  settings: AwsSettings,
  options: LaunchOptions,
): void {
  const { cluster, region, roles, shape, image, template, userData, warnings } = launched;
  const missing = whatIsMissing(settings);
  const calls = actions.map(({ target, reason, parameters }) => ({ action: target, reason, parameters }));
  const assumes = assumptions(launched);
  const result = {
    ...{ provider: 'aws', cluster, region: region || null, roles, shape, image: image ?? null, template },
    ...{ calls, userData, missing, assumes, warnings },
  };
  const text = [
    formatActions(actions),
    `User data (${Buffer.byteLength(userData)} bytes):\n${userData}`,
    section('A real launch also needs:', missing),
    section('A dry run asks AWS nothing, so it takes for granted:', assumes),
  ].join('\n');
  printResult(result, text, options);
}

/** What a dry run cannot know. */
function assumptions({ cluster, roles, image }: AwsLaunched): string[] {
  return [
    `nothing of cluster ${cluster} with the roles ${roles.join(',')} is there: a launch does only what is missing`,
    ...(image === undefined
      ? [
          'the image is the cluster’s own, else the newest AMI of this account that kiln baked; its id goes into the template',
        ]
      : []),
    'the name of the root device, and tokens, which depend on the ids of what is there',
    'there is capacity: otherwise the next subnet is tried, then the next type',
  ];
}

function section(title: string, lines: readonly string[]): string {
  return lines.length === 0 ? '' : `${title}\n${lines.map((line) => `  ${line}\n`).join('')}`;
}

function printLaunched(launched: AwsLaunched, options: LaunchOptions): void {
  const { instances, group, failure, userData: _, ...rest } = launched;
  const rows = instances.map(({ id, name, state, type, zone, address }) => [
    ...[name, id, state, type, zone ?? '-', address ?? '-'],
    launched.launched.includes(id) ? 'new' : '',
  ]);
  const groupLine =
    group === undefined
      ? []
      : [`group ${group.name}: ${group.instances.length} of ${group.desired} nodes so far`];
  const result = {
    provider: 'aws',
    ...rest,
    instances,
    group: group ?? null,
    failure: failure?.message ?? null,
  };
  const text = [...groupLine, ...(rows.length === 0 ? [] : [formatTable(rows)])].join('\n');
  printResult(
    result,
    text || `No ${launched.roles.join(',')} nodes of ${launched.cluster} are there.`,
    options,
  );
  if (failure !== undefined) throw failure;
}
