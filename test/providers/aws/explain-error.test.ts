import * as autoScaling from '@aws-sdk/client-auto-scaling';
import test from 'ava';
import { AwsError } from '../../../src/providers/aws/api.js';
import { explainError } from '../../../src/providers/aws/explain-error.js';
import { clientConfig } from '../../helpers/aws-environment.js';
import { startFakeAws } from './fake/start-fake-aws.js';

const CALL = 'autoscaling:DeleteAutoScalingGroup';

for (const [code, status] of [
  ['AlreadyExists', 400],
  ['ResourceContention', 500],
  ['ResourceInUse', 400],
  ['ScalingActivityInProgress', 400],
] as const)
  test(`${code} of Auto Scaling keeps AWS’s own name, which the SDK lengthens`, async (t) => {
    const fake = await startFakeAws(t);
    fake.refuse(CALL, { code, message: 'Not now.', status });
    const client = new autoScaling.AutoScalingClient({
      ...clientConfig(fake),
      maxAttempts: 1,
    });
    const error = await t.throwsAsync<Error>(
      client.send(new autoScaling.DeleteAutoScalingGroupCommand({ AutoScalingGroupName: 'a' })),
    );
    t.is(error?.name, `${code}Fault`);
    const explained = explainError(error, { call: CALL, region: 'us-east-1' });
    if (!(explained instanceof AwsError)) return t.fail();
    t.is(explained.awsCode, code);
    t.true(explained.message.startsWith(`${CALL}: Not now. (${code}`), explained.message);
    t.false(explained.message.includes('Fault'));
  });

test('a word that is no more than Fault stays', (t) => {
  const error = Object.assign(new Error('no'), { name: 'Fault', $metadata: {}, $fault: 'client' });
  t.is((explainError(error, { call: CALL, region: 'us-east-1' }) as AwsError).awsCode, 'Fault');
});
