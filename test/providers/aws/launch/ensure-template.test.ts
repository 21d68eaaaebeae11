import test from 'ava';
import { silentProgress } from '../../../../src/progress.js';
import { ensureTemplate } from '../../../../src/providers/aws/launch/ensure-template.js';
import type { AwsCluster, AwsTemplate } from '../../../../src/providers/aws/types.js';
import { quickClock } from '../quick-clock.js';
import { type Answers, awsError, demoTags, recordedApi } from '../recorder.js';

const TEMPLATE: AwsTemplate = { id: 'lt-1', name: 'kiln-demo-master', roles: ['master'], latestVersion: 2 };

async function ensure(answers: Answers, templates: AwsTemplate[] = []) {
  const { api, calls } = recordedApi(answers);
  const cluster = { name: 'demo', templates } as unknown as AwsCluster;
  const context = {
    api,
    progress: silentProgress,
    signal: new AbortController().signal,
    clock: quickClock(),
  };
  const template = ensureTemplate({
    ...{ context, cluster, roles: ['master'], data: { ImageId: 'ami-1' }, digest: 'sha256:new' },
    tags: { 'managed-by': 'kiln' },
  });
  return { template: await template, calls };
}

const versions = (...descriptions: string[]) => ({
  'ec2:DescribeLaunchTemplateVersions': () => ({
    LaunchTemplateVersions: descriptions.map((VersionDescription, index) => ({
      VersionDescription,
      VersionNumber: index + 1,
    })),
  }),
});

test('a new one is tagged as it is made, and pinned to its first version', async (t) => {
  const { template, calls } = await ensure({
    'ec2:CreateLaunchTemplate': () => ({ LaunchTemplate: { LaunchTemplateId: 'lt-1' } }),
  });
  t.deepEqual(template, { id: 'lt-1', name: 'kiln-demo-master', version: '1' });
  t.deepEqual(calls, [
    {
      name: 'ec2:CreateLaunchTemplate',
      input: {
        LaunchTemplateName: 'kiln-demo-master',
        VersionDescription: 'sha256:new',
        LaunchTemplateData: { ImageId: 'ami-1' },
        TagSpecifications: [
          { ResourceType: 'launch-template', Tags: [{ Key: 'managed-by', Value: 'kiln' }] },
        ],
      },
    },
  ]);
});

test('a version of the same data is used again, the newest of several', async (t) => {
  const { template, calls } = await ensure(versions('sha256:new', 'sha256:new', 'sha256:old'), [TEMPLATE]);
  t.is(template.version, '2');
  t.is(calls.length, 1);
});

test('other data makes another version', async (t) => {
  const { template, calls } = await ensure(
    {
      ...versions('sha256:old'),
      'ec2:CreateLaunchTemplateVersion': () => ({ LaunchTemplateVersion: { VersionNumber: 2 } }),
    },
    [TEMPLATE],
  );
  t.is(template.version, '2');
  t.is(calls.at(-1)?.name, 'ec2:CreateLaunchTemplateVersion');
});

const exists = {
  'ec2:CreateLaunchTemplate': () => {
    throw awsError('InvalidLaunchTemplateName.AlreadyExistsException', 'already in use');
  },
};

test('one that AWS did not show yet is waited for, and used', async (t) => {
  let looks = 0;
  const { template } = await ensure({
    ...exists,
    ...versions('sha256:new'),
    'ec2:DescribeLaunchTemplates': () => {
      looks += 1;
      const shown = {
        LaunchTemplateId: 'lt-9',
        LaunchTemplateName: 'kiln-demo-master',
        Tags: demoTags('master'),
      };
      return { LaunchTemplates: looks < 3 ? [] : [shown] };
    },
  });
  t.deepEqual(template, { id: 'lt-9', name: 'kiln-demo-master', version: '1' });
});

test('somebody else’s of that name is not touched', async (t) => {
  const theirs = { LaunchTemplateId: 'lt-9', LaunchTemplateName: 'kiln-demo-master', Tags: [] };
  await t.throwsAsync(
    ensure({ ...exists, 'ec2:DescribeLaunchTemplates': () => ({ LaunchTemplates: [theirs] }) }),
    { code: 'LAUNCH_REFUSED', message: /kiln-demo-master \(lt-9\) that kiln did not make/ },
  );
});

test('one that never shows ends in a sentence, not in a loop', async (t) => {
  await t.throwsAsync(ensure({ ...exists, 'ec2:DescribeLaunchTemplates': () => ({ LaunchTemplates: [] }) }), {
    code: 'AWS_FAILED',
    message: /exists, and does not show it/,
  });
});
