import { setTimeout as sleep } from 'node:timers/promises';
import type { Image } from '@aws-sdk/client-ec2';
import { KilnError } from '../errors.js';
import type { AwsApi } from '../providers/aws/api.js';
import { readPages } from '../providers/aws/read-pages.js';
import { IMAGE_TAG } from '../providers/aws/tags.js';

/** What a new AMI's tags take to be seen everywhere: five looks, two seconds apart. */
const LOOKS = 5;
const BETWEEN_LOOKS = 2000;

/**
 * This account's own finished, private AMI of that name with that image id; `undefined` when there is none.
 *
 * @throws KilnError AWS_FAILED when the name is taken by something else (which AWS would say only after the whole bake), or the AMI is public; AwsError
 */
export async function findAmi({
  api,
  name,
  imageId,
}: {
  api: AwsApi;
  name: string;
  imageId: string;
}): Promise<string | undefined> {
  const [image] = await readPages(
    api,
    'ec2:DescribeImages',
    { Owners: ['self'], Filters: [{ Name: 'name', Values: [name] }] },
    ({ Images }) => Images,
  );
  if (image === undefined) return undefined;
  const { ImageId: id = '', State: state } = image;
  const problem = problemOf(image, imageId);
  if (problem === undefined) return id;
  throw new KilnError('AWS_FAILED', `There is an AMI named ${name} already (${id}), but ${problem}`, {
    hint:
      state === 'pending'
        ? 'Another bake is making it: wait for it.'
        : 'Look at it, deregister it if nothing uses it, and bake again.',
  });
}

/** Holds what Packer made against what was asked for. @throws KilnError AWS_FAILED; AwsError */
export async function checkAmi({
  api,
  id,
  imageId,
  signal,
  pause = BETWEEN_LOOKS,
}: {
  api: AwsApi;
  id: string;
  imageId: string;
  signal?: AbortSignal;
  pause?: number;
}): Promise<void> {
  let problem: string | undefined;
  for (let look = 0; look < LOOKS; look += 1) {
    if (look > 0) await sleep(pause, undefined, signal === undefined ? {} : { signal });
    // By filter: an id that is not known everywhere yet would be an error.
    const question = { Owners: ['self'], Filters: [{ Name: 'image-id', Values: [id] }] };
    const answer = await api.read('ec2:DescribeImages', question);
    const image = answer?.Images?.[0];
    problem = image === undefined ? 'this account has no such AMI' : problemOf(image, imageId);
    if (problem === undefined) return;
  }
  throw new KilnError('AWS_FAILED', `Packer made ${id}, but ${problem}`, {
    hint: 'Nothing refers to it: look at it, deregister it, and bake again.',
  });
}

/** Why an AMI is not the image asked for: what is refused after a bake is not taken the next time either. */
function problemOf(image: Image, imageId: string): string | undefined {
  const { State: state, StateReason: { Message: message } = {} } = image;
  if (state !== 'available') return message === undefined ? `it is ${state}` : `it is ${state}: ${message}`;
  if (image.Public === true) return 'it is public';
  return tagOf(image, IMAGE_TAG) === imageId ? undefined : `its tag ${IMAGE_TAG} is not ${imageId}`;
}

function tagOf({ Tags = [] }: Image, key: string): string | undefined {
  return Tags.find(({ Key }) => Key === key)?.Value;
}
