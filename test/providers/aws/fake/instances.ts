import { createHash } from 'node:crypto';
import { type Account, endInstance, type Instance, stateOf, visibleTags } from './account.js';
import { readLaunchData } from './launch-data.js';
import type { Parameters } from './parameters.js';
import { Refusal } from './refusal.js';
import { startInstances } from './start-instances.js';
import { findTemplate, findVersion, tagSet } from './templates.js';
import type { XmlValue } from './xml.js';

const STATE_CODES = { pending: 0, running: 16, 'shutting-down': 32, terminated: 48 };

/** `fingerprint`: the request without its token: the same token with another one is a mismatch. */
export function runInstances(account: Account, p: Parameters, fingerprint: string): XmlValue {
  const min = p.requiredInteger('MinCount', { min: 1, max: 1000 });
  const max = p.requiredInteger('MaxCount', { min: 1, max: 1000 });
  const token = p.text('ClientToken');
  const subnet = p.text('SubnetId');
  const from = p.group('LaunchTemplate');
  const given = readLaunchData(p);
  const version = from?.text('Version');
  const template = from && findTemplate(account, from);
  const used = template && findVersion(template, version);
  p.end();
  const data = { ...used?.data, ...given, tags: { ...used?.data.tags, ...given.tags } };
  // Of the template's interfaces, too: https://github.com/hashicorp/terraform-provider-aws/issues/33536
  for (const [name, value] of [
    ['subnet ID', subnet],
    ['security groups', data.securityGroups],
  ] as const)
    if (data.interfaces !== undefined && value !== undefined)
      throw new Refusal(
        'InvalidParameterCombination',
        `Network interfaces and an instance-level ${name} may not be specified on the same request`,
      );
  return withToken(
    account,
    { token, fingerprint },
    () => {
      const origin = template && used && { id: template.id, version: used.number };
      const instances = startInstances(account, { data, subnet, min, max, token, template: origin });
      return instances.map(({ id }) => id);
    },
    (ids) =>
      reservation(
        account,
        ids.flatMap((id) => account.instances.get(id) ?? []),
      ),
  );
}

/** Tokens are remembered with what was asked, also where it failed: another request with the same one is a mismatch. */
function withToken(
  account: Account,
  { token, fingerprint }: { token: string | undefined; fingerprint: string },
  work: () => string[],
  answer: (ids: string[]) => XmlValue,
): XmlValue {
  if (token === undefined) return answer(work());
  // biome-ignore lint/suspicious/noControlCharactersInRegex: what ASCII is.
  if (!/^[\x00-\x7f]{1,64}$/.test(token))
    throw new Refusal('InvalidParameterValue', `Invalid client token ${token}: up to 64 ASCII characters`);
  const known = account.tokens.get(token);
  if (known !== undefined && known.fingerprint !== fingerprint)
    throw new Refusal(
      'IdempotentParameterMismatch',
      'Arguments on this idempotent request are inconsistent with arguments used in previous request(s).',
    );
  if (known?.result !== undefined) return answer(known.result as string[]);
  account.tokens.set(token, { fingerprint, result: undefined });
  const result = work();
  account.tokens.set(token, { fingerprint, result });
  return answer(result);
}

export function terminateInstances(account: Account, p: Parameters): XmlValue {
  const ids = p.list('InstanceId');
  p.end();
  if (ids.length === 0)
    throw new Refusal('MissingParameter', 'The request must contain the parameter InstanceId');
  if (ids.length > 1000) throw new Refusal('InvalidParameterValue', 'At most 1000 instances at once');
  const instances = ids.map((id) => findInstance(account, id));
  return {
    instancesSet: instances.map((instance) => {
      const before = stateOf(account, instance);
      endInstance(account, instance);
      return {
        instanceId: instance.id,
        currentState: state(stateOf(account, instance)),
        previousState: state(before),
      };
    }),
  };
}

export function getConsoleOutput(account: Account, p: Parameters): XmlValue {
  const { id } = findInstance(account, p.required('InstanceId'));
  p.flag('Latest');
  const output = account.consoles.get(id);
  return {
    instanceId: id,
    timestamp: new Date().toISOString(),
    output: output === undefined ? undefined : Buffer.from(output).toString('base64'),
  };
}

export function findInstance(account: Account, id: string): Instance {
  const found = account.instances.get(id);
  if (found !== undefined) return found;
  throw new Refusal('InvalidInstanceID.NotFound', `The instance ID '${id}' does not exist`);
}

export function fingerprintOf(all: ReadonlyMap<string, string>): string {
  const rest = [...all].filter(([name]) => name !== 'ClientToken').sort();
  return createHash('sha256').update(JSON.stringify(rest)).digest('hex');
}

export function describeInstance(
  account: Account,
  instance: Instance,
  tags = visibleTags(account, instance),
): XmlValue {
  const current = stateOf(account, instance);
  const gone = current === 'terminated';
  const { data, ended } = instance;
  return {
    instanceId: instance.id,
    imageId: instance.image,
    instanceState: state(current),
    instanceType: instance.type,
    launchTime: instance.launched,
    clientToken: instance.token,
    placement: { availabilityZone: account.subnets.get(instance.subnet)?.zone },
    // A terminated instance has no network any more.
    subnetId: gone ? undefined : instance.subnet,
    vpcId: gone ? undefined : account.subnets.get(instance.subnet)?.vpc,
    privateIpAddress: gone ? undefined : instance.address,
    reason: ended?.reason,
    stateReason: ended && { code: ended.code, message: `${ended.code}: ${ended.reason}` },
    iamInstanceProfile:
      data.profile === undefined
        ? undefined
        : { arn: `arn:aws:iam::${account.id}:instance-profile/${data.profile}`, id: 'AIPAEXAMPLE' },
    metadataOptions: {
      state: 'applied',
      httpTokens: data.metadata?.tokens ?? 'optional',
      httpPutResponseHopLimit: data.metadata?.hopLimit ?? 1,
      httpEndpoint: data.metadata?.endpoint ?? 'enabled',
    },
    blockDeviceMapping: [...account.volumes.values()]
      .filter((each) => each.instance === instance.id)
      .map(({ id, device, deleteOnTermination }) => ({
        deviceName: device,
        ebs: { volumeId: id, status: 'attached', deleteOnTermination },
      })),
    tagSet: tagSet(tags),
  };
}

function reservation(account: Account, instances: Instance[]): XmlValue {
  return {
    reservationId: instances[0]?.reservation ?? 'r-00000000000000000',
    ownerId: account.id,
    instancesSet: instances.map((each) => describeInstance(account, each, each.tags)),
  };
}

function state(name: keyof typeof STATE_CODES): XmlValue {
  return { code: STATE_CODES[name], name };
}
