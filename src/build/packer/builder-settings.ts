import { KilnError } from '../../errors.js';
import { isRegion, regionOfSurroundings } from '../../providers/aws/region.js';
import type { AwsConfig } from '../../spec/aws-config.js';

/** Where and how an AMI is built: flags over `aws:` in `kiln.yaml`, all of it checked. */
export interface BuilderSettings {
  region: string;
  /** The only addresses that reach the builder's SSH port. */
  adminCidrs: string[];
  instanceType: string | undefined;
  subnet: string | undefined;
  sshInterface: 'public_ip' | 'private_ip' | 'session_manager' | undefined;
  sshHost: string | undefined;
  sshPort: number | undefined;
  sshPrivateKeyFile: string | undefined;
  /** Given to the builder only where it is reached through the Session Manager. */
  instanceProfile: string | undefined;
  kmsKeyId: string | undefined;
}

const CIDR = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/;
/** Wider than this is no one's office: half the internet would pass a check for 0.0.0.0/0 alone. */
const WIDEST_PREFIX = 8;

/**
 * The settings of one AMI bake.
 *
 * @throws KilnError USAGE with every problem at once: no region, no addresses that may come in, or too many
 */
export function resolveBuilderSettings({
  flags,
  config = {},
  environment = process.env,
}: {
  flags: { region?: string | undefined; adminCidr?: string[] | undefined };
  config?: AwsConfig | undefined;
  environment?: Readonly<Record<string, string | undefined>>;
}): BuilderSettings {
  const region = flags.region ?? config.region ?? regionOfSurroundings(environment);
  const adminCidrs = flags.adminCidr ?? config.adminCidrs ?? [];
  const { builder = {} } = config;
  const overSessionManager = builder.sshInterface === 'session_manager';
  const problems = [
    ...regionProblems(region),
    ...(adminCidrs.length === 0
      ? [
          'nobody may reach the builder: name the addresses the bake comes from with --admin-cidr 203.0.113.7/32, or aws.adminCidrs in kiln.yaml',
        ]
      : adminCidrs.flatMap(cidrProblems)),
    ...(overSessionManager && config.instanceProfile === undefined
      ? [
          'sshInterface session_manager needs aws.instanceProfile: without its rights the builder cannot be reached',
        ]
      : []),
  ];
  if (problems.length > 0) {
    throw new KilnError(
      'USAGE',
      `An AMI cannot be baked so:\n${problems.map((problem) => `  ${problem}`).join('\n')}`,
      { hint: 'docs/image.md shows the settings; nothing was started.' },
    );
  }
  return {
    region: region ?? '',
    adminCidrs,
    instanceType: builder.instanceType,
    subnet: builder.subnet,
    sshInterface: builder.sshInterface,
    sshHost: builder.sshHost,
    sshPort: builder.sshPort,
    sshPrivateKeyFile: builder.sshPrivateKeyFile,
    instanceProfile: overSessionManager ? config.instanceProfile : undefined,
    kmsKeyId: config.kmsKeyId,
  };
}

function regionProblems(region: string | undefined): string[] {
  if (region === undefined)
    return ['no region: say --region eu-central-1, aws.region in kiln.yaml, or AWS_REGION'];
  return isRegion(region) ? [] : [`${region} is no region; expected a name such as eu-central-1`];
}

function cidrProblems(cidr: string): string[] {
  const [prefix = Number.NaN, ...octets] = (CIDR.exec(cidr)?.slice(1) ?? []).map(Number).reverse();
  if (!(prefix <= 32) || octets.some((octet) => octet > 255))
    return [`${cidr} is no IPv4 range such as 203.0.113.7/32`];
  if (prefix >= WIDEST_PREFIX) return [];
  return [
    `${cidr} lets in ${prefix === 0 ? 'the whole internet' : `${2 ** (32 - prefix)} addresses`}; name your own`,
  ];
}
