import { randomBytes } from 'node:crypto';
import type { LaunchData, Tags } from './launch-data.js';

/** An AWS account in one region, in memory. Tests set it up by writing into it, and look at what became of it. */
export interface Account {
  readonly region: string;
  readonly id: string;
  images: Map<string, Image>;
  subnets: Map<string, Subnet>;
  securityGroups: Map<string, SecurityGroup>;
  profiles: Map<string, Profile>;
  instances: Map<string, Instance>;
  volumes: Map<string, Volume>;
  interfaces: Map<string, NetworkInterface>;
  templates: Map<string, Template>;
  groups: Map<string, Group>;
  activities: Activity[];
  /** Instances that still fit, by `<subnet> <type>`; what is not here has room without end. */
  capacity: Map<string, number>;
  /** Instances the account may have running in all. */
  instanceLimit: number;
  tokens: Map<string, { fingerprint: string; result: unknown }>;
  /** Eventual consistency, counted in DescribeInstances calls since the change. */
  delays: { instances: number; tags: number; running: number; terminated: number };
  /** Whether the account's default lets instances read their tags from their metadata. */
  metadataTags: 'enabled' | 'disabled';
  /** The most an answer of a Describe call holds, whatever was asked for. */
  pageSize: number;
  describes: number;
  /** What the serial console of an instance shows. */
  consoles: Map<string, string>;
}

export interface Image {
  id: string;
  name: string;
  owner: string;
  tags: Tags;
  architecture: 'x86_64' | 'arm64';
  state: 'available' | 'pending' | 'failed';
  rootDevice: string;
  sizeGiB: number;
  created: string;
}

export interface Subnet {
  id: string;
  vpc: string;
  zone: string;
  /** Addresses nothing uses at the start. */
  free: number;
  tags: Tags;
  public: boolean;
}

export interface SecurityGroup {
  id: string;
  name: string;
  vpc: string;
  tags: Tags;
  rules: {
    protocol: string;
    from?: number;
    to?: number;
    cidrs?: string[];
    cidrs6?: string[];
    groups?: string[];
  }[];
}

export interface Profile {
  name: string;
  /** EC2 does not know a new one yet: it refuses it this many times more. */
  unknownToEc2: number;
}

export interface Instance {
  id: string;
  reservation: string;
  data: LaunchData;
  image: string;
  type: string;
  subnet: string;
  address: string;
  tags: Tags;
  template: { id: string; version: number } | undefined;
  token: string | undefined;
  group: string | undefined;
  launched: string;
  born: number;
  ended: { at: number; code: string; reason: string } | undefined;
}

export interface Volume {
  id: string;
  instance: string | undefined;
  device: string;
  sizeGiB: number;
  type: string;
  encrypted: boolean;
  kmsKeyId: string | undefined;
  deleteOnTermination: boolean;
  tags: Tags;
}

export interface NetworkInterface {
  id: string;
  instance: string | undefined;
  subnet: string;
  securityGroups: string[];
  deleteOnTermination: boolean;
  tags: Tags;
}

export interface Template {
  id: string;
  name: string;
  tags: Tags;
  defaultVersion: number;
  versions: { number: number; description: string | undefined; data: LaunchData; created: string }[];
}

export interface Group {
  name: string;
  min: number;
  max: number;
  desired: number;
  template: { id: string; version: string };
  types: string[];
  subnets: string[];
  tags: { key: string; value: string; propagate: boolean }[];
  healthCheckType: string;
  created: string;
  deleting: boolean;
}

export interface Activity {
  id: string;
  group: string;
  status: 'Successful' | 'Failed';
  description: string;
  message: string | undefined;
  at: string;
}

/** An empty account. */
export function createAccount({ region = 'us-east-1' }: { region?: string } = {}): Account {
  return {
    region,
    id: '111122223333',
    images: new Map(),
    subnets: new Map(),
    securityGroups: new Map(),
    profiles: new Map(),
    instances: new Map(),
    volumes: new Map(),
    interfaces: new Map(),
    templates: new Map(),
    groups: new Map(),
    activities: [],
    capacity: new Map(),
    instanceLimit: 10_000,
    tokens: new Map(),
    delays: { instances: 0, tags: 0, running: 1, terminated: 1 },
    metadataTags: 'disabled',
    pageSize: 1000,
    describes: 0,
    consoles: new Map(),
  };
}

/** `i-0123456789abcdef0`. */
export function newId(prefix: string): string {
  return `${prefix}-${randomBytes(9).toString('hex').slice(0, 17)}`;
}

export type InstanceState = 'pending' | 'running' | 'shutting-down' | 'terminated';

export function stateOf(account: Account, instance: Instance): InstanceState {
  const { delays, describes } = account;
  if (instance.ended !== undefined)
    return describes - instance.ended.at > delays.terminated ? 'terminated' : 'shutting-down';
  return describes - instance.born > delays.instances + delays.running ? 'running' : 'pending';
}

/** Whether Describe calls show it yet. */
export function isVisible(account: Account, instance: Instance): boolean {
  return account.describes - instance.born > account.delays.instances;
}

/** Its tags as Describe calls show them. */
export function visibleTags(account: Account, instance: Instance): Tags {
  return account.describes - instance.born > account.delays.tags ? instance.tags : {};
}

/** Ends an instance, as a person, a group or a failing machine does. */
export function endInstance(
  account: Account,
  instance: Instance,
  { code = 'Client.UserInitiatedShutdown', reason = 'User initiated shutdown' } = {},
): void {
  if (instance.ended !== undefined) return;
  instance.ended = { at: account.describes, code, reason };
  const key = `${instance.subnet} ${instance.type}`;
  const left = account.capacity.get(key);
  if (left !== undefined) account.capacity.set(key, left + 1);
  release(account.volumes, instance.id);
  release(account.interfaces, instance.id);
}

function release(
  things: Map<string, { id: string; instance: string | undefined; deleteOnTermination: boolean }>,
  instance: string,
): void {
  for (const thing of things.values()) {
    if (thing.instance !== instance) continue;
    if (thing.deleteOnTermination) things.delete(thing.id);
    else thing.instance = undefined;
  }
}

export function freeAddresses(account: Account, subnet: Subnet): number {
  const used = [...account.interfaces.values()].filter((each) => each.subnet === subnet.id).length;
  return subnet.free - used;
}
