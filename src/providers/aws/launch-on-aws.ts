import { KilnError } from '../../errors.js';
import type { NodesRequest } from '../../launch/parse-request.js';
import { renderUserData } from '../../launch/render-user-data.js';
import { digestOf } from '../../plan/canonical-json.js';
import type { Progress } from '../../progress.js';
import type { AwsApi } from './api.js';
import { type Clock, realClock } from './clock.js';
import { describeCluster } from './describe-cluster.js';
import { imageIdOf } from './launch/check-image.js';
import { checkLaunch } from './launch/check-launch.js';
import type { LaunchContext } from './launch/context.js';
import { ensureTemplate } from './launch/ensure-template.js';
import { refuseFindings } from './launch/finding.js';
import { type FixedJob, launchFixed } from './launch/launch-fixed.js';
import { goalOf, groupOf, launchGroup } from './launch/launch-group.js';
import { launchWarnings } from './launch/launch-warnings.js';
import { letSettle } from './launch/let-settle.js';
import { nodesOf } from './launch/node-count.js';
import { type LaunchFacts, readFacts } from './launch/read-facts.js';
import { shortfallBy } from './launch/shortfall.js';
import { type LaunchImage, nodeTags, templateData } from './launch/template-data.js';
import { waitUntilUp } from './launch/wait-until-up.js';
import { whatIsMissing } from './settings.js';
import { roleName } from './tags.js';
import type { AwsCluster, AwsGroup, AwsInstance, AwsSettings } from './types.js';

/** The image nodes shall boot, as far as it is known before AWS is asked. */
export interface ImageWish {
  /** `undefined`: what the cluster's nodes run, else the newest of this account that kiln baked. */
  ami: string | undefined;
  /** What its folder says it is, where one was given. */
  arch: 'amd64' | 'arm64' | undefined;
  imageId: string | undefined;
}

export interface AwsLaunchOptions {
  api: AwsApi;
  progress: Progress;
  /** The gate's. */
  signal: AbortSignal;
  request: NodesRequest;
  settings: AwsSettings;
  image: ImageWish;
  /** `undefined`: a group for nodes that are only minions, instances otherwise. */
  shape: 'group' | 'instances' | undefined;
  /** Allows what is refused for its looks: groups open to the world, images that are not kiln's. */
  force: boolean;
  /** Until the nodes run and pass their status checks. */
  wait: boolean;
  clock?: Clock;
}

/** What there is after a launch, and what it changed. */
export interface AwsLaunched {
  cluster: string;
  region: string;
  roles: string[];
  shape: 'group' | 'instances';
  /** AMI; `undefined` in a dry run that was not told. */
  image: string | undefined;
  /** `undefined`: nothing was to be launched. */
  template: { name: string; version: string } | undefined;
  /** All of these roles that are there, new ones among them. */
  instances: AwsInstance[];
  group: AwsGroup | undefined;
  /** Ids of those that were not there before. */
  launched: string[];
  /** Sentences for the person. */
  warnings: string[];
  /** Set when something was changed and not all is there or up: what there is is kept, and this says what to do. */
  failure: KilnError | undefined;
  userData: string;
}

/** What a launch is to do, all of it checked. */
interface Launch {
  context: LaunchContext;
  options: AwsLaunchOptions;
  facts: LaunchFacts;
  shape: 'group' | 'instances';
  /** Nodes of these roles there are to be. */
  target: number;
  /** How many of them are not there. */
  missing: number;
  userData: string;
}

interface Done {
  cluster: AwsCluster;
  /** More than what was to be where AWS showed more nodes only later. */
  target: number;
  template: AwsLaunched['template'];
  failure: KilnError | undefined;
}

/**
 * Launches nodes on AWS: everything is looked at and checked before anything is changed, only what is missing is launched,
 * and what was launched stays when the rest fails; then `failure` says so.
 *
 * @throws KilnError LAUNCH_REFUSED, AwsError: before anything was changed.
 */
export async function launchOnAws(options: AwsLaunchOptions): Promise<AwsLaunched> {
  const { api, progress, signal, request, settings, clock = realClock } = options;
  const context = { api, progress, signal, clock };
  if (!api.dryRun) refuseMissing(settings);
  progress.step(`Asking AWS about cluster ${request.cluster}`);
  const facts = await readFacts({ api, request, settings, wish: options.image });
  const shape = options.shape ?? (request.roles.join() === 'minion' ? 'group' : 'instances');
  if (shape === 'instances' && goalOf(facts.cluster, request).missing > 0)
    facts.cluster = await letSettle(context, facts.cluster, { roles: request.roles, now: Date.now() });
  const { target, missing } = goalOf(facts.cluster, request);
  const userData = renderUserData(request);
  const findings = checkLaunch({ ...options, facts, userData, missing });
  const forced = refuseFindings(findings, options);
  const launch: Launch = { context, options, facts, shape, target, missing, userData };
  const done = await carryOut(launch);
  return {
    ...{ cluster: request.cluster, region: api.region, roles: request.roles, shape, userData },
    image: imageOf(facts, options).ami,
    template: done.template,
    ...whatThereIs(facts.cluster, done.cluster, request.roles),
    warnings: [
      ...forced,
      ...leftAlone(launch),
      ...(api.dryRun
        ? []
        : launchWarnings({
            ...launch,
            now: done.cluster,
            target: done.target,
            image: bootedBy(launch, done),
          })),
    ],
    failure: done.failure,
  };
}

function refuseMissing(settings: AwsSettings): void {
  const missing = whatIsMissing(settings);
  if (missing.length === 0) return;
  throw new KilnError(
    'LAUNCH_REFUSED',
    `A launch on AWS also needs:\n${missing.map((each) => `  ${each}`).join('\n')}`,
    { hint: 'docs/aws.md tells what each is for. --dry-run works without.' },
  );
}

/** The AMI new nodes boot; `undefined` where no node was to be new. */
function bootedBy({ options, facts }: Launch, { template }: Done): string | undefined {
  return template === undefined ? undefined : imageOf(facts, options).ami;
}

async function carryOut(launch: Launch): Promise<Done> {
  const { context, options, facts } = launch;
  const { cluster, roles } = options.request;
  const done: Done = {
    ...{ cluster: facts.cluster, target: launch.target, template: undefined, failure: undefined },
  };
  try {
    await launchNodes(launch, done);
    if (options.wait && !context.api.dryRun && done.failure === undefined) {
      const { target } = done;
      context.progress.step(`Waiting until ${target} ${roles.join(',')} nodes of ${cluster} are up`);
      const before = new Set(facts.cluster.instances.map(({ id }) => id));
      done.failure = await waitUntilUp(context, { cluster, roles, target, before });
      done.cluster = await describeCluster(context.api, cluster);
    }
  } catch (error) {
    if (context.signal.aborted || !(error instanceof KilnError) || !hasChanged(launch, done)) throw error;
    const there = nodesOf(done.cluster, roles).length;
    done.failure = shortfallBy({ cluster, roles, target: done.target, there }, error);
  }
  return done;
}

function hasChanged({ facts }: Launch, { cluster, template }: Done): boolean {
  return template !== undefined || cluster !== facts.cluster;
}

/** What it has done so far is in `done` whatever is thrown. */
async function launchNodes(launch: Launch, done: Done): Promise<void> {
  const { context, options, facts, shape, target, missing } = launch;
  const { request, settings } = options;
  const { cluster, roles } = request;
  if (missing === 0 && (shape === 'instances' || !mayChangeGroup(launch))) return;
  context.progress.step(`Launching ${roles.join(',')} nodes of ${cluster}: ${target} there shall be`);
  const template = await ensureRoleTemplate(launch);
  done.template = { name: template.name, version: template.version };
  const job: FixedJob = { context, roles, settings, image: imageOf(facts, options), template };
  if (shape === 'instances') {
    // What a group has yet to launch is the group's business.
    const instances = nodesOf(facts.cluster, roles).length + missing;
    Object.assign(done, await launchFixed(job, { cluster: facts.cluster, target: instances }));
    return;
  }
  done.target = await launchGroup(job, { cluster: facts.cluster, target });
  done.cluster = await describeCluster(context.api, cluster);
}

/** A group that has all its nodes is given another image only by who asks for it. */
function mayChangeGroup({ options, facts: { groupImage, image } }: Launch): boolean {
  return options.image.ami !== undefined || groupImage === undefined || groupImage === image?.ImageId;
}

function leftAlone(launch: Launch): string[] {
  const { facts, shape, missing, options } = launch;
  if (shape === 'instances' || missing > 0 || mayChangeGroup(launch)) return [];
  return [
    `The group ${roleName(options.request.cluster, options.request.roles)} has its nodes and is left as it is, with ${facts.groupImage}: say --image to change it.`,
  ];
}

async function ensureRoleTemplate({ context, options, facts, userData }: Launch) {
  const { request, settings } = options;
  const nodes = { cluster: request.cluster, roles: request.roles, image: imageOf(facts, options) };
  const data = templateData({ ...nodes, settings, userData });
  return await ensureTemplate({
    context,
    cluster: facts.cluster,
    roles: request.roles,
    data,
    digest: digestOf({ data, types: settings.instanceTypes }),
    tags: nodeTags({ ...nodes, name: roleName(request.cluster, request.roles) }),
  });
}

function imageOf({ image }: LaunchFacts, { image: wish }: AwsLaunchOptions): LaunchImage {
  return {
    ami: image?.ImageId ?? wish.ami,
    rootDevice: image?.RootDeviceName,
    imageId: image === undefined ? wish.imageId : imageIdOf(image),
  };
}

function whatThereIs(before: AwsCluster, now: AwsCluster, roles: readonly string[]) {
  const known = new Set(before.instances.map(({ id }) => id));
  const instances = nodesOf(now, roles);
  const launched = instances.map(({ id }) => id).filter((id) => !known.has(id));
  return { instances, group: groupOf(now, roles), launched };
}
