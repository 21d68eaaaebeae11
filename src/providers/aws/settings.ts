import { KilnError } from '../../errors.js';
import { type AwsConfig, awsConfigSchema } from '../../spec/aws-config.js';
import { isRegion, regionOfSurroundings } from './region.js';
import type { AwsSettings } from './types.js';

/** The flags of `launch` about AWS, as a person gives them; a list may also be one word with commas. */
export interface AwsFlags {
  region?: string | undefined;
  subnet?: string[] | undefined;
  securityGroup?: string[] | undefined;
  instanceProfile?: string | undefined;
  instanceType?: string[] | undefined;
  volumeSize?: string | undefined;
  kmsKey?: string | undefined;
  adminCidr?: string[] | undefined;
}

type Arch = 'amd64' | 'arm64';

/** Two processors and 4 GiB: the least on which a control plane is no torment. */
const DEFAULT_TYPE: Readonly<Record<Arch, string>> = { amd64: 't3.medium', arm64: 't4g.medium' };
const DEFAULT_VOLUME = 20;

/** How a flag of `launch` is spelt, by its name in `aws:` of `kiln.yaml`. */
const FLAGS: Readonly<Record<string, string>> = {
  region: '--region',
  subnets: '--subnet',
  securityGroups: '--security-group',
  instanceProfile: '--instance-profile',
  instanceTypes: '--instance-type',
  volumeSize: '--volume-size',
  kmsKeyId: '--kms-key',
  adminCidrs: '--admin-cidr',
};

/**
 * Flags over `aws:` of `kiln.yaml` over what surrounds kiln over defaults. What has no default and was not given is empty;
 * `whatIsMissing` names it.
 *
 * @throws KilnError USAGE with everything that is wrong with the flags, at once.
 */
export function resolveAwsSettings(
  flags: AwsFlags,
  config: AwsConfig = {},
  {
    arch = 'amd64',
    surroundings = regionOfSurroundings(),
  }: { arch?: Arch | undefined; surroundings?: string | undefined } = {},
): AwsSettings {
  const given = { ...config, ...parseFlags(flags) };
  const region = given.region ?? surroundings ?? '';
  if (region !== '' && !isRegion(region)) {
    throw new KilnError('USAGE', `${JSON.stringify(region)} is no region of AWS`, {
      hint: 'A region is spelt like eu-central-1; its zones have one more letter, and are not asked for.',
    });
  }
  return {
    region,
    subnets: distinct(given.subnets),
    securityGroups: distinct(given.securityGroups),
    instanceProfile: given.instanceProfile,
    instanceTypes: given.instanceTypes === undefined ? [DEFAULT_TYPE[arch]] : distinct(given.instanceTypes),
    volumeSizeGiB: given.volumeSize ?? DEFAULT_VOLUME,
    kmsKeyId: given.kmsKeyId,
    adminCidrs: distinct(given.adminCidrs),
  };
}

/** What a real launch needs and these settings do not have, each with how to give it. */
export function whatIsMissing({ region, subnets, securityGroups }: AwsSettings): string[] {
  return [
    ...(region === '' ? ['a region: --region, aws.region in kiln.yaml, or AWS_REGION'] : []),
    ...(subnets.length === 0 ? ['a subnet: --subnet subnet-…, or aws.subnets in kiln.yaml'] : []),
    ...(securityGroups.length === 0
      ? ['a security group: --security-group sg-…, or aws.securityGroups in kiln.yaml']
      : []),
  ];
}

/** Flags as `aws:` would have them, checked by the same schema. */
function parseFlags(flags: AwsFlags): AwsConfig {
  const given = {
    region: flags.region,
    subnets: split(flags.subnet),
    securityGroups: split(flags.securityGroup),
    instanceProfile: flags.instanceProfile,
    instanceTypes: split(flags.instanceType),
    volumeSize: flags.volumeSize === undefined ? undefined : Number(flags.volumeSize),
    kmsKeyId: flags.kmsKey,
    adminCidrs: split(flags.adminCidr),
  };
  const defined = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  const { success, data, error } = awsConfigSchema.safeParse(defined);
  if (success) return data;
  const words: Readonly<Record<string, unknown>> = { ...given, volumeSize: flags.volumeSize };
  const problems = error.issues.map(({ path: [key, index], message }) => {
    const value = words[String(key)];
    const word = Array.isArray(value) ? value[Number(index)] : value;
    return `${FLAGS[String(key)] ?? String(key)} ${word ?? ''}: ${message}`;
  });
  throw new KilnError(
    'USAGE',
    `These flags are not right:\n${problems.map((each) => `  ${each}`).join('\n')}`,
  );
}

function split(words: readonly string[] | undefined): string[] | undefined {
  return words?.flatMap((word) => word.split(',')).map((word) => word.trim());
}

function distinct(words: readonly string[] = []): string[] {
  return [...new Set(words)];
}
