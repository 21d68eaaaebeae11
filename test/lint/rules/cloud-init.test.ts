import test from 'ava';
import { checkUserData, cloudConfigYaml, userDataSize } from '../../../src/lint/rules/cloud-init.js';
import { soundPlan, textsOf, withFile } from '../faulty-plan.js';

const FILE = '/etc/cloud/cloud.cfg.d/99_test.cfg';
const said = (content: string) => textsOf(cloudConfigYaml, withFile(soundPlan(), FILE, content));

test('the real plan’s user data and cloud.cfg.d files', (t) => {
  t.deepEqual(textsOf(userDataSize, soundPlan()), []);
  t.deepEqual(textsOf(cloudConfigYaml, soundPlan()), []);
});

test('user data without its first line, and too much of it', (t) => {
  t.deepEqual(
    checkUserData('master', 'write_files: []\n').map(({ message }) => message),
    ['does not begin with a line #cloud-config'],
  );
  t.deepEqual(
    checkUserData('master', `#cloud-config\n# ${'x'.repeat(200)}\n`).map(({ message }) => message),
    ['is 217 bytes long, more than 200'],
  );
});

test('YAML that is broken, is no mapping, or means two things', (t) => {
  t.is(said('a: [1\n').length, 1);
  t.deepEqual(said('- a\n'), []);
  t.deepEqual(said('words\n'), [`${FILE}: is no mapping`]);
  for (const value of ['0644', 'yes', '1:30']) {
    t.deepEqual(
      said(`a: ${value}\n`),
      [`${FILE}: holds a value that YAML 1.1 and 1.2 read differently; quote it`],
      value,
    );
    t.deepEqual(said(`a: '${value}'\n`), [], value);
  }
});
