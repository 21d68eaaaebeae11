import test from 'ava';
import { renderUserData } from '../../../../src/launch/render-user-data.js';
import {
  networkInterface,
  tagSpecifications,
  templateData,
} from '../../../../src/providers/aws/launch/template-data.js';
import type { AwsSettings } from '../../../../src/providers/aws/types.js';

const settings: AwsSettings = {
  region: 'eu-west-1',
  subnets: ['subnet-00000001', 'subnet-00000002'],
  securityGroups: ['sg-00000001'],
  instanceProfile: 'nodes',
  instanceTypes: ['t3.medium', 't3.large'],
  volumeSizeGiB: 30,
  kmsKeyId: undefined,
  adminCidrs: [],
};
const image = { ami: 'ami-00000001', rootDevice: '/dev/xvda', imageId: 'sha256:abc' };
const nodes = { cluster: 'demo', roles: ['master'], image };
const userData = renderUserData(nodes);

test('everything a node is made of', (t) => {
  const { TagSpecifications, UserData, ...data } = templateData({ ...nodes, settings, userData });
  t.deepEqual(data, {
    ImageId: 'ami-00000001',
    InstanceType: 't3.medium',
    IamInstanceProfile: { Name: 'nodes' },
    InstanceInitiatedShutdownBehavior: 'terminate',
    MetadataOptions: {
      ...{ HttpEndpoint: 'enabled', HttpTokens: 'required', HttpPutResponseHopLimit: 1 },
      InstanceMetadataTags: 'disabled',
    },
    NetworkInterfaces: [
      { DeviceIndex: 0, Groups: ['sg-00000001'], AssociatePublicIpAddress: false, DeleteOnTermination: true },
    ],
    BlockDeviceMappings: [
      {
        DeviceName: '/dev/xvda',
        Ebs: { VolumeSize: 30, VolumeType: 'gp3', Encrypted: true, DeleteOnTermination: true },
      },
    ],
  });
  t.is(Buffer.from(UserData ?? '', 'base64').toString(), userData);
  const tags = {
    KubernetesCluster: 'demo',
    'kubernetes.io/cluster/demo': 'owned',
    Role: 'master',
    'managed-by': 'kiln',
    Name: 'demo-master',
    'kiln:image-id': 'sha256:abc',
  };
  t.deepEqual(TagSpecifications, tagSpecifications(tags));
  t.deepEqual(
    TagSpecifications?.map(({ ResourceType }) => ResourceType),
    ['instance', 'volume', 'network-interface'],
  );
});

test('a key of one’s own encrypts the disk', (t) => {
  const data = templateData({ ...nodes, settings: { ...settings, kmsKeyId: 'alias/nodes' }, userData });
  t.is(data.BlockDeviceMappings?.[0]?.Ebs?.KmsKeyId, 'alias/nodes');
});

test('what nobody gave is left out, not empty', (t) => {
  const data = templateData({
    ...{ ...nodes, userData },
    image: { ami: undefined, rootDevice: undefined, imageId: undefined },
    settings: { ...settings, securityGroups: [], instanceProfile: undefined },
  });
  t.false('ImageId' in data || 'IamInstanceProfile' in data);
  t.false('Groups' in (data.NetworkInterfaces?.[0] ?? {}));
  t.false('DeviceName' in (data.BlockDeviceMappings?.[0] ?? {}));
  t.false(JSON.stringify(data.TagSpecifications).includes('kiln:image-id'));
});

test('a subnet goes into the interface, which keeps its groups', (t) => {
  const { SubnetId, Groups } = networkInterface(settings, 'subnet-00000002');
  t.deepEqual([SubnetId, Groups], ['subnet-00000002', ['sg-00000001']]);
});
