import type * as Ec2 from '@aws-sdk/client-ec2';
import { KilnError } from '../../../errors.js';
import { type AwsApi, AwsError } from '../api.js';
import { readPages } from '../read-pages.js';
import { CLUSTER_TAG, MANAGED_BY, roleName, tagList } from '../tags.js';
import type { AwsCluster } from '../types.js';
import type { LaunchContext } from './context.js';

/** One version of a launch template. */
export interface TemplateVersion {
  /** Unknown in a dry run. */
  id: string | undefined;
  name: string;
  version: string;
}

interface Wanted {
  context: LaunchContext;
  cluster: AwsCluster;
  roles: readonly string[];
  data: Ec2.RequestLaunchTemplateData;
  /** Tells versions apart: of the data, and of what else nodes of that version differ in. */
  digest: string;
  /** Of the template itself. */
  tags: Readonly<Record<string, string>>;
}

const EXISTS = 'InvalidLaunchTemplateName.AlreadyExistsException';
/** Milliseconds until AWS shows a template that it says exists. */
const PATIENCE = 60_000;
const INTERVAL = 2_000;

/**
 * The version of the role's launch template that holds this data: the one there is, else a new one, of a new template if
 * need be. Versions are told apart by a digest of their data, in their description.
 *
 * @throws AwsError; KilnError LAUNCH_REFUSED when another's template has the name.
 */
export async function ensureTemplate(wanted: Wanted): Promise<TemplateVersion> {
  const name = roleName(wanted.cluster.name, wanted.roles);
  const known = wanted.cluster.templates.find((template) => template.name === name);
  if (known !== undefined) return await ensureVersion(wanted, { id: known.id, name });
  try {
    return await create(wanted, name);
  } catch (error) {
    if (!(error instanceof AwsError) || error.awsCode !== EXISTS) throw error;
    // A launch that was cut short made it, and AWS did not show it yet.
    return await ensureVersion(wanted, { id: await findHidden(wanted, name), name });
  }
}

async function create({ context, data, digest, tags }: Wanted, name: string): Promise<TemplateVersion> {
  const made = await context.api.change(
    'ec2:CreateLaunchTemplate',
    {
      LaunchTemplateName: name,
      VersionDescription: digest,
      LaunchTemplateData: data,
      TagSpecifications: [{ ResourceType: 'launch-template', Tags: tagList(tags) }],
    },
    'what every node of these roles is made of',
  );
  return { id: made?.LaunchTemplate?.LaunchTemplateId, name, version: '1' };
}

async function ensureVersion(
  { context: { api }, data, digest }: Wanted,
  { id, name }: { id: string; name: string },
): Promise<TemplateVersion> {
  const versions = await readPages(
    api,
    'ec2:DescribeLaunchTemplateVersions',
    { LaunchTemplateId: id, MaxResults: 200 },
    (page) => page.LaunchTemplateVersions,
  );
  const same = versions
    .filter(({ VersionDescription }) => VersionDescription === digest)
    .map(({ VersionNumber = 0 }) => VersionNumber);
  if (same.length > 0) return { id, name, version: String(Math.max(...same)) };
  const made = await api.change(
    'ec2:CreateLaunchTemplateVersion',
    { LaunchTemplateId: id, VersionDescription: digest, LaunchTemplateData: data },
    'new nodes differ from those there are',
  );
  return { id, name, version: String(made?.LaunchTemplateVersion?.VersionNumber) };
}

async function findHidden({ context, cluster }: Wanted, name: string): Promise<string> {
  const { api, clock, signal } = context;
  const started = clock.now();
  for (;;) {
    const template = await readByName(api, name);
    if (template !== undefined) return ownId(template, cluster.name);
    if (clock.now() - started >= PATIENCE) {
      throw new AwsError(`AWS says that the launch template ${name} exists, and does not show it`, {
        awsCode: EXISTS,
        hint: 'Run the same command in a minute.',
      });
    }
    await clock.sleep(INTERVAL, signal);
  }
}

async function readByName(api: AwsApi, name: string): Promise<Ec2.LaunchTemplate | undefined> {
  const Filters = [{ Name: 'launch-template-name', Values: [name] }];
  const answer = await api.read('ec2:DescribeLaunchTemplates', { Filters });
  return answer?.LaunchTemplates?.[0];
}

function ownId(
  { LaunchTemplateId = '', LaunchTemplateName, Tags = [] }: Ec2.LaunchTemplate,
  cluster: string,
): string {
  const has = (key: string, value: string): boolean =>
    Tags.some(({ Key, Value }) => Key === key && Value === value);
  if (has(MANAGED_BY.key, MANAGED_BY.value) && has(CLUSTER_TAG, cluster)) return LaunchTemplateId;
  throw new KilnError(
    'LAUNCH_REFUSED',
    `There is a launch template ${LaunchTemplateName} (${LaunchTemplateId}) that kiln did not make for this cluster`,
    { hint: 'Rename or delete it, or name the cluster otherwise: --cluster NAME.' },
  );
}
