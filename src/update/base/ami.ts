import { KilnError } from '../../errors.js';
import type { AmiBase } from '../../plan/types.js';
import { regionOfSurroundings } from '../../providers/aws/region.js';
import type { BaseQuestion, BaseUpdate } from './update-base.js';

/** The newest AMI that the distribution's own account publishes in the lock's region, or the one of `kiln.yaml`. */
export async function updateAmi(question: BaseQuestion, current: AmiBase | undefined): Promise<BaseUpdate> {
  const { os, arch, gate, asker, offline } = question;
  const region = question.region ?? current?.region ?? regionOfSurroundings();
  const unasked = (reason: string): BaseUpdate => {
    asker.note({ about: 'base', url: 'ec2:DescribeImages', reason });
    return { kept: 'AWS could not be asked' };
  };
  if (offline === true) return unasked('offline');
  if (region === undefined) return unasked('no region: give --region');
  const [{ openAws }, { findNewestBase }] = await Promise.all([
    import('../../providers/aws/open-aws.js'),
    import('../../providers/aws/newest-base.js'),
  ]);
  try {
    const found = await gate.perform({ verb: 'ask', target: `ec2:DescribeImages in ${region}` }, () =>
      findNewestBase({ api: openAws({ gate, region }), os, arch }),
    );
    if (found === undefined) return { kept: 'not asked in a dry run' };
    asker.hear();
    const { base } = found;
    if (base.id === current?.id) return { kept: 'is the newest AMI' };
    return { base, reason: `newest AMI of account ${base.owner} in ${region}` };
  } catch (error) {
    if (!(error instanceof KilnError) || error.code === 'INTERRUPTED') throw error;
    return unasked(error.message);
  }
}
