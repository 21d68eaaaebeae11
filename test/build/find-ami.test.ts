import type { Image } from '@aws-sdk/client-ec2';
import test from 'ava';
import { checkAmi, findAmi } from '../../src/build/find-ami.js';
import { recordedApi } from '../providers/aws/recorder.js';

const IMAGE_ID = `sha256:${'a'.repeat(64)}`;
const tags = [{ Key: 'kiln:image-id', Value: IMAGE_ID }];
const mine: Image = { ImageId: 'ami-00000001', State: 'available', Tags: tags };

function find(...Images: Image[]) {
  const { api, calls } = recordedApi({ 'ec2:DescribeImages': () => ({ Images }) });
  return { calls, found: findAmi({ api, name: 'kiln-x', imageId: IMAGE_ID }) };
}

test('an AMI of this account with the name and the plan’s tag is that image', async (t) => {
  const { found, calls } = find(mine);
  t.is(await found, 'ami-00000001');
  t.deepEqual(calls[0]?.input, { Owners: ['self'], Filters: [{ Name: 'name', Values: ['kiln-x'] }] });
  t.is(await find().found, undefined);
});

const taken: [string, Image, RegExp][] = [
  [
    'another image',
    { ...mine, Tags: [] },
    /already \(ami-00000001\), but its tag kiln:image-id is not sha256:a/,
  ],
  ['being made', { ...mine, State: 'pending' }, /it is pending/],
  ['public', { ...mine, Public: true }, /it is public/],
  ['failed', { ...mine, State: 'failed', StateReason: { Message: 'no space' } }, /it is failed: no space/],
];
for (const [what, image, message] of taken) {
  test(`a name taken by one that is ${what} is told before the bake, and never taken for the image`, async (t) => {
    await t.throwsAsync(find(image).found, { code: 'AWS_FAILED', message });
  });
}

test('what Packer made is looked at until its tags are seen', async (t) => {
  let looks = 0;
  const { api } = recordedApi({
    'ec2:DescribeImages': () => {
      looks += 1;
      return { Images: looks < 3 ? [] : [mine] };
    },
  });
  await checkAmi({ api, id: 'ami-00000001', imageId: IMAGE_ID, pause: 1 });
  t.is(looks, 3);
});

const wrong: [string, Image[], RegExp][] = [
  ['not there', [], /this account has no such AMI/],
  ['public', [{ ...mine, Public: true }], /it is public/],
  ['failed', [{ ...mine, State: 'failed' }], /it is failed$/],
  [
    'failed for a reason',
    [{ ...mine, State: 'failed', StateReason: { Message: 'no space' } }],
    /it is failed: no space/,
  ],
  ['without the tag', [{ ...mine, Tags: [] }], /its tag kiln:image-id is not sha256:a/],
];
for (const [what, Images, message] of wrong) {
  test(`an AMI that is ${what} is no success`, async (t) => {
    const { api } = recordedApi({ 'ec2:DescribeImages': () => ({ Images }) });
    const checking = checkAmi({ api, id: 'ami-00000001', imageId: IMAGE_ID, pause: 1 });
    await t.throwsAsync(checking, { code: 'AWS_FAILED', message });
  });
}
