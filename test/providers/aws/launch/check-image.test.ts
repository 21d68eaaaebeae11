import type { Image, InstanceTypeInfo } from '@aws-sdk/client-ec2';
import test from 'ava';
import { checkImage } from '../../../../src/providers/aws/launch/check-image.js';
import type { AwsSettings } from '../../../../src/providers/aws/types.js';

const IMAGE_ID = `sha256:${'ab'.repeat(32)}`;
const settings = { region: 'eu-west-1', instanceTypes: ['t3.medium'], volumeSizeGiB: 20 } as AwsSettings;
const image: Image = {
  ImageId: 'ami-1',
  State: 'available',
  Architecture: 'x86_64',
  RootDeviceName: '/dev/xvda',
  BlockDeviceMappings: [{ DeviceName: '/dev/xvda', Ebs: { VolumeSize: 8 } }],
  Tags: [
    { Key: 'managed-by', Value: 'kiln' },
    { Key: 'kiln:image-id', Value: IMAGE_ID },
  ],
};
const types: InstanceTypeInfo[] = [
  { InstanceType: 't3.medium', ProcessorInfo: { SupportedArchitectures: ['i386', 'x86_64'] } },
];
const wish = { ami: 'ami-1', arch: undefined, imageId: undefined };
const good = { wish, image, types, settings };

test('nothing is wrong with an image kiln baked, asked for by id or by its folder', (t) => {
  t.deepEqual(checkImage(good), []);
  t.deepEqual(checkImage({ ...good, wish: { ami: 'ami-1', arch: 'amd64', imageId: IMAGE_ID } }), []);
});

const WRONG: Record<string, [facts: Partial<typeof good>, says: RegExp, forcible?: true]> = {
  'an AMI that is not there': [{ image: undefined as never }, /no AMI ami-1 in eu-west-1/],
  'that none was baked': [
    { image: undefined as never, wish: { ...wish, ami: undefined as never } },
    /no AMI of this account .*bake image --target aws/,
  ],
  'one that is not ready': [{ image: { ...image, State: 'pending' } }, /ami-1 is pending/],
  'one for another processor than the type': [
    { image: { ...image, Architecture: 'arm64' } },
    /for arm64, which t3\.medium is not/,
  ],
  'one for another processor than its folder says': [
    { wish: { ...wish, arch: 'arm64' as never } },
    /is for x86_64; its folder says arm64/,
  ],
  'a type there is not': [{ types: [] }, /no instance type t3\.medium in eu-west-1/],
  'a disk smaller than the image': [
    { settings: { ...settings, volumeSizeGiB: 7 } },
    /needs a disk of 8 GiB, more than the 7/,
  ],
  'one without tags': [{ image: { ...image, Tags: [] } }, /has not the tags of an image kiln baked/, true],
  'one of another builder': [
    { image: { ...image, Tags: [{ Key: 'kiln:image-id', Value: IMAGE_ID }] } },
    /has not the tags/,
    true,
  ],
  'one that is not that of its folder': [
    { wish: { ...wish, imageId: 'sha256:other' as never } },
    /was baked from sha256:abab\w+; its folder says sha256:other/,
    true,
  ],
};

for (const [title, [facts, says, forcible]] of Object.entries(WRONG)) {
  test(`refuses ${title}${forcible ? ', unless forced' : ''}`, (t) => {
    const findings = checkImage({ ...good, ...facts });
    t.is(findings.length, 1, JSON.stringify(findings));
    t.regex(findings[0]?.text ?? '', says);
    t.is(findings[0]?.forcible, forcible);
  });
}
