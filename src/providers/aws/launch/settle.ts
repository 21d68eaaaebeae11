import { AwsError } from '../api.js';
import type { LaunchContext } from './context.js';

/** Milliseconds between two tries. */
const INTERVAL = 5_000;

/** What AWS denies for a while after it was made, and how long that has been seen to take. */
const UNSETTLED: readonly { says: RegExp; what: string; patience: number; mend: string }[] = [
  {
    says: /Invalid IAM Instance Profile name/i,
    what: 'the instance profile to be known to EC2',
    patience: 180_000,
    mend: 'A new instance profile takes a minute or two. Has it a role in it? `aws iam get-instance-profile` tells.',
  },
  {
    says: /InvalidLaunchTemplate\w*\.(NotFound|VersionNotFound)|launch template\b.*(does not exist|not found)/i,
    what: 'the launch template to be known to EC2',
    patience: 60_000,
    mend: 'The same command looks for it again.',
  },
  {
    says: /^(ScalingActivityInProgress|ResourceContention)/,
    what: 'the group to be done with its last change',
    patience: 120_000,
    mend: 'Run the same command in a few minutes.',
  },
];

/**
 * Does it again while AWS denies what is there, which it does for a while after something was made.
 *
 * @throws AwsError when it still does after minutes, or says anything else.
 */
export async function whileSettling<T>(
  { progress, signal, clock }: Pick<LaunchContext, 'progress' | 'signal' | 'clock'>,
  work: () => Promise<T>,
): Promise<T> {
  const started = clock.now();
  for (;;) {
    try {
      return await work();
    } catch (error) {
      const unsettled = findUnsettled(error);
      if (unsettled === undefined) throw error;
      if (clock.now() - started >= unsettled.patience) throw withMend(error as AwsError, unsettled.mend);
      progress.note(`waiting for ${unsettled.what}`);
    }
    await clock.sleep(INTERVAL, signal);
  }
}

function findUnsettled(error: unknown): (typeof UNSETTLED)[number] | undefined {
  if (!(error instanceof AwsError)) return undefined;
  return UNSETTLED.find(({ says }) => says.test(error.awsCode) || says.test(error.message));
}

function withMend({ message, awsCode, cause }: AwsError, hint: string): AwsError {
  return new AwsError(message, { awsCode, cause, hint });
}
