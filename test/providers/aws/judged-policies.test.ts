import test from 'ava';
import { isAllowed } from './judge-policy.js';

/**
 * What the policies hold and what not, judged by IAM's rules. That AWS gives these keys for these actions is what its Service
 * Authorization Reference says (EC2, EC2 Auto Scaling; read November 2026), not what a test here can show.
 */
const EC2 = 'arn:aws:ec2:eu-central-1';
const IMAGE = `${EC2}::image/ami-1`;
const SNAPSHOT = `${EC2}::snapshot/snap-1`;
const OWN = { 'ec2:Owner': '111122223333' };
const KILN = { 'aws:RequestTag/managed-by': 'kiln' };

test('a bake tags its image and snapshots, and those again, as Packer does', (t) => {
  for (const resource of [IMAGE, SNAPSHOT])
    for (const tags of [{}, { 'aws:ResourceTag/managed-by': 'kiln' }])
      t.true(
        isAllowed('bake-image', { action: 'ec2:CreateTags', resource, keys: { ...OWN, ...KILN, ...tags } }),
      );
});

test('a bake makes no AMI its own that somebody else keeps, or owns', (t) => {
  const kept = { ...OWN, ...KILN, 'aws:ResourceTag/managed-by': 'terraform' };
  const published = { ...KILN, 'ec2:Owner': '136693071363' };
  for (const keys of [kept, published])
    for (const action of ['ec2:CreateTags', 'ec2:ModifyImageAttribute'])
      t.false(isAllowed('bake-image', { action, resource: IMAGE, keys }), action);
  t.false(isAllowed('bake-image', { action: 'ec2:CreateTags', resource: SNAPSHOT, keys: kept }));
});

test('a bake deletes no image and no snapshot, whatever it has tagged', (t) => {
  const keys = { ...OWN, 'aws:ResourceTag/managed-by': 'kiln', 'aws:ResourceTag/kiln:run': 'x' };
  t.false(isAllowed('bake-image', { action: 'ec2:DeleteSnapshot', resource: SNAPSHOT, keys }));
  t.false(isAllowed('bake-image', { action: 'ec2:DeregisterImage', resource: IMAGE, keys }));
});

test('a bake ends its own builder, and no node', (t) => {
  const resource = `${EC2}:111122223333:instance/i-1`;
  const node = { 'aws:ResourceTag/managed-by': 'kiln', 'aws:ResourceTag/KubernetesCluster': 'demo' };
  const end = { action: 'ec2:TerminateInstances', resource };
  t.true(isAllowed('bake-image', { ...end, keys: { ...node, 'aws:ResourceTag/kiln:run': 'x' } }));
  t.false(isAllowed('bake-image', { ...end, keys: node }));
});

for (const policy of ['launch', 'bake-image'])
  test(`${policy}: instances start in the network that is named, and in no other`, (t) => {
    for (const kind of ['subnet', 'security-group']) {
      const start = { action: 'ec2:RunInstances', resource: `${EC2}:111122223333:${kind}/x-1` };
      const vpc = (id: string) => ({ 'ec2:Vpc': `${EC2}:111122223333:vpc/${id}` });
      t.true(isAllowed(policy, { ...start, keys: vpc('vpc-1') }), kind);
      t.false(isAllowed(policy, { ...start, keys: vpc('vpc-2') }), kind);
      t.false(isAllowed(policy, start), kind);
    }
  });

const groupArn = (name: string) =>
  `arn:aws:autoscaling:eu-central-1:111122223333:autoScalingGroup:1-2-3:autoScalingGroupName/${name}`;
const tagsOf = (cluster: string, side: 'Request' | 'Resource') => ({
  [`aws:${side}Tag/KubernetesCluster`]: cluster,
  [`aws:${side}Tag/managed-by`]: 'kiln',
});

test('who launches demo makes and tags its groups, and takes none of demo-x, whose names begin alike', (t) => {
  const asked = tagsOf('demo', 'Request');
  const tag = { action: 'autoscaling:CreateOrUpdateTags', resource: groupArn('kiln-demo-minion') };
  t.true(isAllowed('launch', { ...tag, action: 'autoscaling:CreateAutoScalingGroup', keys: asked }));
  t.true(isAllowed('launch', { ...tag, keys: asked }));
  t.true(isAllowed('launch', { ...tag, keys: { ...asked, ...tagsOf('demo', 'Resource') } }));
  const theirs = { ...tag, resource: groupArn('kiln-demo-x-minion') };
  t.false(isAllowed('launch', { ...theirs, keys: { ...asked, ...tagsOf('demo-x', 'Resource') } }));
  const update = 'autoscaling:UpdateAutoScalingGroup';
  t.false(isAllowed('launch', { ...theirs, action: update, keys: tagsOf('demo-x', 'Resource') }));
});

const REMOVALS = [
  ['autoscaling:DeleteAutoScalingGroup', groupArn('kiln-demo-x-minion')],
  ['ec2:TerminateInstances', `${EC2}:111122223333:instance/i-1`],
  ['ec2:DeleteVolume', `${EC2}:111122223333:volume/vol-1`],
  ['ec2:DeleteNetworkInterface', `${EC2}:111122223333:network-interface/eni-1`],
  ['ec2:DeleteLaunchTemplate', `${EC2}:111122223333:launch-template/lt-1`],
] as const;

for (const [action, resource] of REMOVALS)
  test(`who destroys demo: ${action} by both tags and not by one, nor by a name`, (t) => {
    const tags = tagsOf('demo', 'Resource');
    t.true(isAllowed('launch-destroy', { action, resource, keys: tags }));
    for (const keys of [
      {},
      tagsOf('demo-x', 'Resource'),
      { 'aws:ResourceTag/KubernetesCluster': 'demo' },
      { 'aws:ResourceTag/managed-by': 'kiln' },
      { ...tags, 'aws:ResourceTag/managed-by': 'somebody' },
    ])
      t.false(isAllowed('launch-destroy', { action, resource, keys }), JSON.stringify(keys));
    t.false(isAllowed('launch', { action, resource, keys: tags }), 'a launch ends nothing');
  });
