import { KilnError } from '../../../../errors.js';
import type { ImageWish } from '../../../../providers/aws/launch-on-aws.js';

/**
 * `--image` on AWS: an AMI by its id, or the folder of one, which says which it is in a region.
 *
 * @param region empty where a dry run was told none.
 * @throws KilnError IMAGE_INVALID; LAUNCH_REFUSED for roles the image cannot take together, or another region's image.
 */
export async function readImageWish({
  image,
  region,
  roles,
}: {
  image: string | undefined;
  region: string;
  roles: readonly string[];
}): Promise<ImageWish> {
  if (image === undefined || image.startsWith('ami-'))
    return { ami: image, arch: undefined, imageId: undefined };
  const [{ openAmi, describeAmis }, { checkRoles }] = await Promise.all([
    import('../../../../build/image-folder.js'),
    import('../../../../launch/role-conflicts.js'),
  ]);
  const { ami, manifest, plan } = await openAmi(image);
  checkRoles(roles, plan);
  const id = ami.amis[region];
  if (id === undefined && region !== '') {
    throw new KilnError('LAUNCH_REFUSED', `${image} is ${describeAmis(ami)}; there is none in ${region}`, {
      hint: 'Name another region with --region, or bake the image there too.',
    });
  }
  return { ami: id, arch: plan.spec.arch, imageId: manifest.imageId };
}
