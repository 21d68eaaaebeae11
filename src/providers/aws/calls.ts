import type * as AutoScaling from '@aws-sdk/client-auto-scaling';
import type * as Ec2 from '@aws-sdk/client-ec2';
import type * as Iam from '@aws-sdk/client-iam';

/**
 * Every AWS API action kiln itself calls: the one table that the transport, `--dry-run`, the throttle and the policies in
 * `policies/` are held to. `changes`: it goes through the gate. `bucket`: which token bucket of AWS it draws from, where it has
 * one of its own.
 */
export const CALLS = {
  'ec2:CreateLaunchTemplate': { changes: true },
  'ec2:CreateLaunchTemplateVersion': { changes: true },
  'ec2:DeleteLaunchTemplate': { changes: true },
  'ec2:DeleteNetworkInterface': { changes: true },
  'ec2:DeleteVolume': { changes: true },
  'ec2:DescribeImages': { changes: false },
  'ec2:DescribeInstances': { changes: false },
  'ec2:DescribeInstanceStatus': { changes: false },
  'ec2:DescribeInstanceTypes': { changes: false },
  'ec2:DescribeLaunchTemplates': { changes: false },
  'ec2:DescribeLaunchTemplateVersions': { changes: false },
  'ec2:DescribeNetworkInterfaces': { changes: false },
  'ec2:DescribeSecurityGroups': { changes: false },
  'ec2:DescribeSubnets': { changes: false },
  'ec2:DescribeVolumes': { changes: false },
  'ec2:GetConsoleOutput': { changes: false },
  'ec2:RunInstances': { changes: true },
  'ec2:TerminateInstances': { changes: true },
  'autoscaling:CreateAutoScalingGroup': { changes: true },
  'autoscaling:DeleteAutoScalingGroup': { changes: true },
  'autoscaling:DescribeAutoScalingGroups': { changes: false },
  'autoscaling:DescribeScalingActivities': { changes: false },
  'autoscaling:UpdateAutoScalingGroup': { changes: true },
  'iam:GetInstanceProfile': { changes: false },
} as const satisfies Record<string, { changes: boolean }>;

/** `ec2:RunInstances`: an action as IAM policies spell it. */
export type CallName = keyof typeof CALLS;
export type ReadName = { [N in CallName]: (typeof CALLS)[N]['changes'] extends false ? N : never }[CallName];
export type ChangeName = Exclude<CallName, ReadName>;

interface Services {
  ec2: typeof Ec2;
  autoscaling: typeof AutoScaling;
  iam: typeof Iam;
}

type CommandClass<N extends CallName> = N extends `${infer S extends keyof Services}:${infer A}`
  ? Services[S][`${A}Command` & keyof Services[S]]
  : never;

/** What the SDK's command of that action takes. */
export type Input<N extends CallName> =
  CommandClass<N> extends new (...args: never[]) => { readonly input: infer I } ? I : never;

/** What it answers. */
export type Output<N extends CallName> =
  CommandClass<N> extends new (
    ...args: never[]
  ) => { resolveMiddleware(...args: never[]): (...args: never[]) => Promise<{ output: infer O }> }
    ? O
    : never;
