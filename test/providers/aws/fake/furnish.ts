import type { Account, Instance } from './account.js';

/** What the tests launch into. */
export const IDS = {
  image: 'ami-0123456789abcdef0',
  subnets: ['subnet-0a000000000000001', 'subnet-0b000000000000002', 'subnet-0c000000000000003'],
  securityGroup: 'sg-0123456789abcdef0',
  profile: 'kiln-nodes',
  vpc: 'vpc-0123456789abcdef0',
} as const;

/** Puts into an account what a launch needs: an image kiln baked, three subnets in three zones, a security group, a profile. */
export function furnish(account: Account): void {
  account.images.set(IDS.image, {
    id: IDS.image,
    name: 'kiln-debian12-1.20.2',
    owner: account.id,
    tags: { 'managed-by': 'kiln', 'kiln:image-id': `sha256:${'ab'.repeat(32)}` },
    architecture: 'x86_64',
    state: 'available',
    rootDevice: '/dev/xvda',
    sizeGiB: 8,
    created: '2026-11-20T00:00:00.000Z',
  });
  for (const [index, id] of IDS.subnets.entries())
    account.subnets.set(id, {
      id,
      vpc: IDS.vpc,
      zone: `${account.region}${'abc'[index]}`,
      free: 4000,
      tags: {},
      public: false,
    });
  account.securityGroups.set(IDS.securityGroup, {
    id: IDS.securityGroup,
    name: 'nodes',
    vpc: IDS.vpc,
    tags: {},
    rules: [{ protocol: '-1', groups: [IDS.securityGroup] }],
  });
  account.profiles.set(IDS.profile, { name: IDS.profile, unknownToEc2: 0 });
}

/** Instances that run or are about to. */
export function living(account: Account): Instance[] {
  return [...account.instances.values()].filter(({ ended }) => ended === undefined);
}

/** Everything there is that launches make and that lacks one of these tags: `instance i-…`. */
export function withoutTags(account: Account, tags: Record<string, string>): string[] {
  return things(account)
    .filter((each) => Object.entries(tags).some(([key, value]) => each.tags[key] !== value))
    .map(({ kind, id }) => `${kind} ${id}`);
}

/** Everything there is that launches make. */
export function everything(account: Account): string[] {
  return things(account).map(({ kind, id }) => `${kind} ${id}`);
}

function things(account: Account): { kind: string; id: string; tags: Record<string, string> }[] {
  return [
    ...living(account).map((each) => ({ kind: 'instance', ...each })),
    ...[...account.volumes.values()].map((each) => ({ kind: 'volume', ...each })),
    ...[...account.interfaces.values()].map((each) => ({ kind: 'interface', ...each })),
    ...[...account.templates.values()].map((each) => ({ kind: 'template', ...each })),
    ...[...account.groups.values()].map(({ name, tags }) => ({
      kind: 'group',
      id: name,
      tags: Object.fromEntries(tags.map(({ key, value }) => [key, value])),
    })),
  ];
}
