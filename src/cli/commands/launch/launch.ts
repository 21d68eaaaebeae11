import { closestMatch } from 'leven';
import { KilnError } from '../../../errors.js';
import { chooseProvider, type Provider } from '../../../launch/choose-provider.js';
import type { LocalRig } from '../../../launch/types.js';
import type { AwsFlags } from '../../../providers/aws/settings.js';

/** As commander gives them. */
export interface LaunchOptions extends AwsFlags {
  role?: string | undefined;
  count?: string | undefined;
  cluster?: string | undefined;
  image?: string | undefined;
  provider?: Provider | undefined;
  rig?: LocalRig | undefined;
  memory?: string | undefined;
  out?: string | undefined;
  asg?: true | undefined;
  instances?: true | undefined;
  force?: true | undefined;
  wait?: boolean | undefined;
  dryRun?: true | undefined;
  json?: true | undefined;
}

/** Flags that mean something with one provider only. */
const OWN_FLAGS: Readonly<Record<Provider, Partial<Record<keyof LaunchOptions, string>>>> = {
  local: { rig: '--rig', memory: '--memory', out: '--out' },
  aws: {
    region: '--region',
    subnet: '--subnet',
    securityGroup: '--security-group',
    instanceProfile: '--instance-profile',
    instanceType: '--instance-type',
    volumeSize: '--volume-size',
    kmsKey: '--kms-key',
    adminCidr: '--admin-cidr',
    asg: '--asg',
    instances: '--instances',
    force: '--force',
  },
};

/**
 * `launch` itself, wherever the nodes shall run.
 *
 * @throws KilnError USAGE, UNKNOWN_NAME, CONFIG_INVALID, and what the launch of that provider throws.
 */
export async function runLaunch(
  options: LaunchOptions,
  { excess, verbs }: { excess: readonly string[]; verbs: readonly string[] },
): Promise<void> {
  refuseExcess(excess, verbs);
  const { provider, config } = await chooseProvider({ provider: options.provider, image: options.image });
  refuseForeign(options, provider);
  if (provider === 'local') return await (await import('./local/launch.js')).runLaunchHere(options);
  await (await import('./aws/launch.js')).runLaunchOnAws(options, config.aws);
}

/** What is given and would be ignored is a misunderstanding. */
function refuseForeign(options: LaunchOptions, provider: Provider): void {
  const other = provider === 'local' ? 'aws' : 'local';
  const given = Object.entries(OWN_FLAGS[other])
    .filter(([name]) => options[name as keyof LaunchOptions] !== undefined)
    .map(([, flag]) => flag);
  if (given.length === 0) return;
  const means = provider === 'local' ? 'only on AWS' : 'only on this machine';
  throw new KilnError(
    'USAGE',
    `${given.join(', ')} ${given.length === 1 ? 'means' : 'mean'} something ${means}`,
    {
      hint: `The nodes are to run ${provider === 'local' ? 'on this machine' : 'on AWS'}: leave it out, or say --provider ${other}.`,
    },
  );
}

/** A word that is no verb is a misspelt one. */
function refuseExcess([word]: readonly string[], verbs: readonly string[]): void {
  if (word === undefined) return;
  const nearest = closestMatch(word, [...verbs], { maxDistance: 4 });
  throw new KilnError(
    'USAGE',
    `launch has no verb ${JSON.stringify(word)}${nearest === undefined ? '' : `; did you mean ${nearest}?`}`,
    {
      hint: `Its verbs: ${verbs.join(', ')}. To launch nodes: \`launch --role master --count 3\`.`,
    },
  );
}
