import test from 'ava';
import { silentProgress } from '../../../../src/progress.js';
import { whileSettling } from '../../../../src/providers/aws/launch/settle.js';
import { quickClock } from '../quick-clock.js';
import { awsError } from '../recorder.js';

const PROFILE =
  'Value (nodes) for parameter iamInstanceProfile.name is invalid. Invalid IAM Instance Profile name';

function settling(notes: string[] = []) {
  const clock = quickClock();
  const progress = { ...silentProgress, note: (text: string) => void notes.push(text) };
  return { clock, progress, signal: new AbortController().signal };
}

for (const [code, message] of [
  ['InvalidParameterValue', PROFILE],
  ['ValidationError', 'You must use a valid fully-formed launch template. Invalid IAM Instance Profile name'],
  ['InvalidLaunchTemplateName.NotFoundException', 'The specified launch template does not exist.'],
  ['InvalidLaunchTemplateId.VersionNotFound', 'Could not find launch template version'],
  ['ScalingActivityInProgress', 'Activity in progress'],
] as const) {
  test(`waits while AWS says ${code}: ${message}`, async (t) => {
    const notes: string[] = [];
    const context = settling(notes);
    let calls = 0;
    const result = await whileSettling(context, async () => {
      calls += 1;
      if (calls < 4) throw awsError(code, message);
      return 'done';
    });
    t.is(result, 'done');
    t.is(context.clock.waited(), 15_000);
    t.regex(notes[0] ?? '', /^waiting for /);
  });
}

test('not for ever: after three minutes a profile is told as it is, with the mend', async (t) => {
  const context = settling();
  const error = await t.throwsAsync(
    whileSettling(context, () => Promise.reject(awsError('InvalidParameterValue', PROFILE))),
    { code: 'AWS_FAILED', message: PROFILE },
  );
  t.is(context.clock.waited(), 180_000);
  t.regex((error as { hint?: string }).hint ?? '', /get-instance-profile/);
});

test('anything else is told at once', async (t) => {
  const context = settling();
  await t.throwsAsync(
    whileSettling(context, () => Promise.reject(awsError('InvalidParameterValue', 'Invalid type'))),
    { message: 'Invalid type' },
  );
  t.is(context.clock.waited(), 0);
});
