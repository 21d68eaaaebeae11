import { KilnError } from '../../errors.js';
import type { AwsConfig } from '../../spec/aws-config.js';
import { isRegion, regionOfSurroundings } from './region.js';

/**
 * The region a verb looks into: by flag, else by `aws:` in `kiln.yaml`, else the one the AWS CLI would use.
 *
 * @throws KilnError USAGE when there is none, or what there is cannot be one.
 */
export function requireRegion(flag: string | undefined, config: AwsConfig | undefined): string {
  const region = flag ?? config?.region ?? regionOfSurroundings();
  const hint = 'Say --region REGION, put `region` under `aws:` in kiln.yaml, or set AWS_REGION.';
  if (region === undefined) throw new KilnError('USAGE', 'Which region of AWS is not said', { hint });
  if (isRegion(region)) return region;
  throw new KilnError('USAGE', `${JSON.stringify(region)} is no region of AWS, such as eu-west-1`, { hint });
}
