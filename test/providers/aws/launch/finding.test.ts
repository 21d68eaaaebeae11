import test from 'ava';
import { refuseFindings } from '../../../../src/providers/aws/launch/finding.js';

const hard = { text: 'there is no subnet subnet-1' };
const soft = { text: 'ami-1 has not the tags', forcible: true } as const;

test('all at once, and nothing when there is nothing', (t) => {
  t.deepEqual(refuseFindings([], { force: false }), []);
  t.throws(() => refuseFindings([hard, soft], { force: false }), {
    code: 'LAUNCH_REFUSED',
    message: 'Refused, and nothing was changed:\n  there is no subnet subnet-1\n  ami-1 has not the tags',
  });
});

test('force makes a warning of what it can, and does not help with the rest', (t) => {
  t.deepEqual(refuseFindings([soft], { force: true }), ['ami-1 has not the tags']);
  t.throws(() => refuseFindings([hard, soft], { force: true }), {
    message: 'Refused, and nothing was changed: there is no subnet subnet-1',
  });
});

test('--force is offered only where it would do', (t) => {
  const hint = (findings: Parameters<typeof refuseFindings>[0]) =>
    (t.throws(() => refuseFindings(findings, { force: false })) as { hint?: string } | undefined)?.hint;
  t.regex(hint([soft]) ?? '', /--force/);
  t.is(hint([hard, soft]), undefined);
});
