import type { Account, NetworkInterface, Volume } from './account.js';
import { pick, readFilters } from './filters.js';
import { page } from './page.js';
import type { Parameters } from './parameters.js';
import { Refusal } from './refusal.js';
import { tagSet } from './templates.js';
import type { XmlValue } from './xml.js';

export function describeVolumes(account: Account, p: Parameters): XmlValue {
  const ids = p.list('VolumeId');
  const matches = readFilters<Volume>(p, ({ tags }) => tags, {
    'volume-id': ({ id }) => id,
    status: (each) => useOf(each),
    'attachment.instance-id': ({ instance }) => instance,
  });
  const asked = pick(account.volumes, ids, 'InvalidVolume.NotFound', 'volume');
  const { items, nextToken } = page(account, p, asked.filter(matches), { min: 5, max: 1000, ids });
  return {
    volumeSet: items.map((each) => ({
      volumeId: each.id,
      ownerId: account.id,
      status: useOf(each),
      size: each.sizeGiB,
      volumeType: each.type,
      encrypted: each.encrypted,
      kmsKeyId: each.kmsKeyId,
      attachmentSet:
        each.instance === undefined
          ? []
          : [
              {
                volumeId: each.id,
                instanceId: each.instance,
                device: each.device,
                status: 'attached',
                deleteOnTermination: each.deleteOnTermination,
              },
            ],
      tagSet: tagSet(each.tags),
    })),
    nextToken,
  };
}

export function describeNetworkInterfaces(account: Account, p: Parameters): XmlValue {
  const ids = p.list('NetworkInterfaceId');
  const matches = readFilters<NetworkInterface>(p, ({ tags }) => tags, {
    'network-interface-id': ({ id }) => id,
    status: (each) => useOf(each),
    'attachment.instance-id': ({ instance }) => instance,
    'group-id': ({ securityGroups }) => securityGroups,
    'subnet-id': ({ subnet }) => subnet,
  });
  const asked = pick(account.interfaces, ids, 'InvalidNetworkInterfaceID.NotFound', 'networkInterface ID');
  const { items, nextToken } = page(account, p, asked.filter(matches), { min: 5, max: 1000, ids });
  return {
    networkInterfaceSet: items.map((each) => ({
      networkInterfaceId: each.id,
      ownerId: account.id,
      subnetId: each.subnet,
      status: useOf(each),
      groupSet: each.securityGroups.map((groupId) => ({ groupId })),
      attachment:
        each.instance === undefined
          ? undefined
          : {
              instanceId: each.instance,
              status: 'attached',
              deviceIndex: 0,
              deleteOnTermination: each.deleteOnTermination,
            },
      tagSet: tagSet(each.tags),
    })),
    nextToken,
  };
}

export function deleteVolume(account: Account, p: Parameters): XmlValue {
  const id = p.required('VolumeId');
  p.end();
  const [volume] = pick(account.volumes, [id], 'InvalidVolume.NotFound', 'volume');
  if (volume?.instance !== undefined)
    throw new Refusal('VolumeInUse', `Volume ${volume.id} is currently attached to ${volume.instance}`);
  account.volumes.delete(id);
  return { return: true };
}

export function deleteNetworkInterface(account: Account, p: Parameters): XmlValue {
  const id = p.required('NetworkInterfaceId');
  p.end();
  const [found] = pick(account.interfaces, [id], 'InvalidNetworkInterfaceID.NotFound', 'networkInterface ID');
  if (found?.instance !== undefined)
    throw new Refusal('InvalidNetworkInterface.InUse', `Network interface ${found.id} is currently in use.`);
  account.interfaces.delete(id);
  return { return: true };
}

function useOf({ instance }: { instance: string | undefined }): string {
  return instance === undefined ? 'available' : 'in-use';
}
