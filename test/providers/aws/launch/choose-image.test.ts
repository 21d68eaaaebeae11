import type { Image, InstanceTypeInfo } from '@aws-sdk/client-ec2';
import test from 'ava';
import { chooseImage, imagesOf, readGroupImage } from '../../../../src/providers/aws/launch/choose-image.js';
import { anInstance } from '../an-instance.js';
import { awsError, recordedApi } from '../recorder.js';

function image(ImageId: string, day: number, Architecture: 'x86_64' | 'arm64' = 'x86_64'): Image {
  return { ImageId, Architecture, CreationDate: `2026-11-${day}T00:00:00.000Z` };
}

const [OLD, NEW, ARM] = [image('ami-old', 10), image('ami-new', 20), image('ami-arm', 15, 'arm64')];
const INTEL: InstanceTypeInfo[] = [{ ProcessorInfo: { SupportedArchitectures: ['x86_64'] } }];
const none = { ids: [], images: [] };
const own = (...images: Image[]) => ({ ids: images.map(({ ImageId = '' }) => ImageId), images });

test('the cluster’s own, older than others as it may be', (t) => {
  t.is(chooseImage({ offered: [OLD, NEW], own: own(OLD) }, INTEL), OLD);
  t.is(chooseImage({ offered: [OLD, NEW], own: own(ARM, OLD) }, INTEL), OLD, 'of two processors’ this one’s');
});

test('the newest that fits, where the cluster has none of its own, or several, or one that is gone', (t) => {
  const middle = image('ami-middle', 12);
  for (const its of [none, own(OLD, middle), own(ARM), { ids: ['ami-old', 'ami-gone'], images: [OLD] }])
    t.is(chooseImage({ offered: [OLD, NEW, ARM], own: its }, INTEL), NEW);
});

test('what is asked for is taken, fitting or not: others say so', (t) => {
  t.is(chooseImage({ offered: [ARM], own: none }, INTEL), ARM);
  t.is(chooseImage({ offered: [], own: none }, INTEL), undefined);
});

test('images of nodes that are there, each once', (t) => {
  const instances = [
    anInstance({ imageId: 'ami-2' }),
    anInstance({ imageId: 'ami-1', state: 'stopped' }),
    anInstance({ imageId: 'ami-2', roles: ['minion'] }),
    anInstance({ imageId: 'ami-3', state: 'terminated' }),
  ];
  t.deepEqual(imagesOf({ instances }), ['ami-1', 'ami-2']);
});

test('what a group launches is what its version of the template says, as long as there is one', async (t) => {
  const { api, calls } = recordedApi({
    'ec2:DescribeLaunchTemplateVersions': () => ({
      LaunchTemplateVersions: [{ LaunchTemplateData: { ImageId: 'ami-1' } }],
    }),
  });
  t.is(await readGroupImage(api, { template: { id: 'lt-1', version: '4' } }), 'ami-1');
  t.deepEqual(calls[0]?.input as unknown, { LaunchTemplateId: 'lt-1', Versions: ['4'] });
  t.is(await readGroupImage(api, undefined), undefined);
  const gone = recordedApi({
    'ec2:DescribeLaunchTemplateVersions': () => {
      throw awsError('InvalidLaunchTemplateId.NotFound');
    },
  });
  t.is(await readGroupImage(gone.api, { template: { id: 'lt-1', version: '4' } }), undefined);
});
