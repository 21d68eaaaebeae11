import test from 'ava';
import { unitSyntax } from '../../../src/lint/rules/unit-syntax.js';
import { serviceUsers } from '../../../src/lint/rules/users.js';
import { soundPlan, textsOf, withDropin } from '../faulty-plan.js';

const changed = (text: string) => withDropin(soundPlan(), 'etcd.service', '50-test.conf', text);

test('a line that is no assignment', (t) => {
  t.deepEqual(textsOf(unitSyntax, soundPlan()), []);
  t.deepEqual(textsOf(unitSyntax, changed('[Service]\nRestart always\n')), [
    'etcd.service: "Restart always" is no assignment (etcd.service.d/50-test.conf:2)',
  ]);
});

test('a user the image does not have', (t) => {
  t.deepEqual(textsOf(serviceUsers, soundPlan()), []);
  t.deepEqual(textsOf(serviceUsers, changed('[Service]\nUser=etdc\n')), [
    'etcd.service: runs as etdc, a user the image does not have',
  ]);
});
