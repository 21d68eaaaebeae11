import type { Account } from './account.js';
import * as autoScaling from './auto-scaling.js';
import * as describe from './describe.js';
import * as attached from './disks-and-interfaces.js';
import * as instances from './instances.js';
import type { Parameters } from './parameters.js';
import { Refusal } from './refusal.js';
import * as templates from './templates.js';
import type { XmlValue } from './xml.js';

type Handler = (account: Account, p: Parameters, fingerprint: string) => XmlValue;

/** Everything kiln may call; written from AWS's API references, not from kiln. */
export const HANDLERS: Record<string, Handler> = {
  'ec2:CreateLaunchTemplate': templates.createLaunchTemplate,
  'ec2:CreateLaunchTemplateVersion': templates.createLaunchTemplateVersion,
  'ec2:DeleteLaunchTemplate': templates.deleteLaunchTemplate,
  'ec2:DeleteNetworkInterface': attached.deleteNetworkInterface,
  'ec2:DeleteVolume': attached.deleteVolume,
  'ec2:DescribeImages': describe.describeImages,
  'ec2:DescribeInstances': describe.describeInstances,
  'ec2:DescribeInstanceStatus': describe.describeInstanceStatus,
  'ec2:DescribeInstanceTypes': describe.describeInstanceTypes,
  'ec2:DescribeLaunchTemplates': describe.describeLaunchTemplates,
  'ec2:DescribeLaunchTemplateVersions': describe.describeLaunchTemplateVersions,
  'ec2:DescribeNetworkInterfaces': attached.describeNetworkInterfaces,
  'ec2:DescribeSecurityGroups': describe.describeSecurityGroups,
  'ec2:DescribeSubnets': describe.describeSubnets,
  'ec2:DescribeVolumes': attached.describeVolumes,
  'ec2:GetConsoleOutput': instances.getConsoleOutput,
  'ec2:RunInstances': instances.runInstances,
  'ec2:TerminateInstances': instances.terminateInstances,
  'autoscaling:CreateAutoScalingGroup': autoScaling.createAutoScalingGroup,
  'autoscaling:DeleteAutoScalingGroup': autoScaling.deleteAutoScalingGroup,
  'autoscaling:DescribeAutoScalingGroups': autoScaling.describeAutoScalingGroups,
  'autoscaling:DescribeScalingActivities': autoScaling.describeScalingActivities,
  'autoscaling:UpdateAutoScalingGroup': autoScaling.updateAutoScalingGroup,
  'iam:GetInstanceProfile': getInstanceProfile,
};

function getInstanceProfile(account: Account, p: Parameters): XmlValue {
  const name = p.required('InstanceProfileName');
  if (!account.profiles.has(name))
    throw new Refusal('NoSuchEntity', `Instance Profile ${name} cannot be found.`, 404);
  return {
    InstanceProfile: {
      InstanceProfileName: name,
      InstanceProfileId: 'AIPAEXAMPLEEXAMPLEEX',
      Arn: `arn:aws:iam::${account.id}:instance-profile/${name}`,
      Path: '/',
      CreateDate: '2026-11-01T00:00:00Z',
      Roles: [],
    },
  };
}
