import * as ec2 from '@aws-sdk/client-ec2';
import test from 'ava';
import { IDS } from './furnish.js';
import { start } from './sdk-clients.js';

test('templates: names are unique, versions count, a launch takes what it does not say from one', async (t) => {
  const { client, run } = await start(t);
  const LaunchTemplateData = { ImageId: IDS.image, InstanceType: 't3.medium', UserData: 'aGVsbG8=' } as const;
  const create = new ec2.CreateLaunchTemplateCommand({
    LaunchTemplateName: 'kiln-demo-master',
    LaunchTemplateData,
  });
  const { LaunchTemplate } = await client.send(create);
  await t.throwsAsync(
    client.send(
      new ec2.CreateLaunchTemplateCommand({ LaunchTemplateName: 'kiln-demo-master', LaunchTemplateData }),
    ),
    { name: 'InvalidLaunchTemplateName.AlreadyExistsException' },
  );
  const LaunchTemplateId = LaunchTemplate?.LaunchTemplateId;
  const version = { LaunchTemplateId, VersionDescription: 'digest', LaunchTemplateData };
  await client.send(new ec2.CreateLaunchTemplateVersionCommand(version));
  const { LaunchTemplateVersions = [] } = await client.send(
    new ec2.DescribeLaunchTemplateVersionsCommand({ LaunchTemplateId }),
  );
  t.deepEqual(
    LaunchTemplateVersions.map(({ VersionNumber }) => VersionNumber),
    [1, 2],
  );
  t.is(LaunchTemplateVersions[1]?.LaunchTemplateData?.UserData, 'aGVsbG8=');
  const bare = { ImageId: undefined, InstanceType: undefined } as Partial<ec2.RunInstancesCommandInput>;
  const from = (Version: string) => run({ ...bare, LaunchTemplate: { LaunchTemplateId, Version } as never });
  await t.throwsAsync(from('3'), { name: 'InvalidLaunchTemplateId.VersionNotFound' });
  const { Instances = [] } = await from('2');
  t.true(
    Instances[0]?.Tags?.some(({ Key, Value }) => Key === 'aws:ec2launchtemplate:version' && Value === '2'),
  );
});
