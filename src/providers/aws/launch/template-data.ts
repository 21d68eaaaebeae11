import type * as Ec2 from '@aws-sdk/client-ec2';
import { IMAGE_TAG, roleTags, tagList } from '../tags.js';
import type { AwsSettings } from '../types.js';

/** An image as a launch needs it; a dry run may know nothing of it. */
export interface LaunchImage {
  ami: string | undefined;
  rootDevice: string | undefined;
  /** Digest of the plan it was baked from. */
  imageId: string | undefined;
}

interface Nodes {
  cluster: string;
  roles: readonly string[];
  image: LaunchImage;
}

/**
 * What every node of these roles is made of, but for its subnet: metadata only with a token and not from a pod's network,
 * an encrypted disk and an interface that go with it, and no public address.
 *
 * @param userData as text; it is encoded here.
 */
export function templateData({
  settings,
  userData,
  ...nodes
}: Nodes & { settings: AwsSettings; userData: string }): Ec2.RequestLaunchTemplateData {
  const { instanceProfile, instanceTypes, volumeSizeGiB, kmsKeyId } = settings;
  const { ami, rootDevice } = nodes.image;
  const [type] = instanceTypes;
  return {
    ...(ami === undefined ? {} : { ImageId: ami }),
    InstanceType: type as Ec2._InstanceType,
    ...(instanceProfile === undefined ? {} : { IamInstanceProfile: { Name: instanceProfile } }),
    InstanceInitiatedShutdownBehavior: 'terminate',
    MetadataOptions: {
      ...{ HttpEndpoint: 'enabled', HttpTokens: 'required', HttpPutResponseHopLimit: 1 },
      // An account may turn them on for all; then AWS refuses the slash in the keys of Kubernetes' own tags.
      InstanceMetadataTags: 'disabled',
    },
    NetworkInterfaces: [networkInterface(settings)],
    BlockDeviceMappings: [
      {
        ...(rootDevice === undefined ? {} : { DeviceName: rootDevice }),
        Ebs: {
          VolumeSize: volumeSizeGiB,
          VolumeType: 'gp3',
          Encrypted: true,
          ...(kmsKeyId === undefined ? {} : { KmsKeyId: kmsKeyId }),
          DeleteOnTermination: true,
        },
      },
    ],
    TagSpecifications: tagSpecifications(nodeTags({ ...nodes, name: sharedName(nodes) })),
    UserData: Buffer.from(userData).toString('base64'),
  };
}

/** AWS refuses a subnet beside an interface, and the template has one: a call for one subnet spells the interface anew. */
export function networkInterface(
  { securityGroups }: Pick<AwsSettings, 'securityGroups'>,
  subnet?: string,
): Ec2.InstanceNetworkInterfaceSpecification {
  return {
    DeviceIndex: 0,
    ...(subnet === undefined ? {} : { SubnetId: subnet }),
    ...(securityGroups.length === 0 ? {} : { Groups: securityGroups }),
    AssociatePublicIpAddress: false,
    DeleteOnTermination: true,
  };
}

/** `demo-minion`: nodes that are not told apart by name. */
export function sharedName({ cluster, roles }: Pick<Nodes, 'cluster' | 'roles'>): string {
  return [cluster, ...roles].join('-');
}

export function nodeTags({ cluster, roles, image, name }: Nodes & { name: string }): Record<string, string> {
  const { imageId } = image;
  return {
    ...roleTags({ cluster, roles }),
    Name: name,
    ...(imageId === undefined ? {} : { [IMAGE_TAG]: imageId }),
  };
}

/** For all that comes into being with a node: tagged later, it would be untagged for a moment, or for good. */
export function tagSpecifications(tags: Readonly<Record<string, string>>): Ec2.TagSpecification[] {
  const Tags = tagList(tags);
  return (['instance', 'volume', 'network-interface'] as const).map((ResourceType) => ({
    ResourceType,
    Tags,
  }));
}
