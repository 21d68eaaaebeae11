import test from 'ava';
import { loadRoles } from '../../../../src/catalog/load-catalog.js';
import { renderUserData } from '../../../../src/launch/render-user-data.js';
import { checkUserData } from '../../../../src/providers/aws/launch/check-user-data.js';

test('nothing is wrong with what kiln renders, and it is small', (t) => {
  for (const role of Object.keys(loadRoles())) {
    const text = renderUserData({ roles: [role], cluster: 'demo' });
    t.deepEqual(checkUserData(text, 'demo'), []);
    t.true(Buffer.byteLength(text) <= 200);
  }
  t.deepEqual(checkUserData(renderUserData({ roles: ['master', 'minion'], cluster: 'demo' }), 'demo'), []);
});

const marker = (name: string) =>
  `- path: /etc/sysconfig/kubernetes-master\n  content: CLUSTER_NAME=${name}\n`;

const WRONG: Record<string, [text: string, says: RegExp]> = {
  'no cluster': ['#cloud-config\n{}\n', /names none/],
  'another cluster': [`#cloud-config\nwrite_files:\n${marker('other')}`, /cluster demo .* names other/],
  'two clusters': [`#cloud-config\nwrite_files:\n${marker('demo')}${marker('other')}`, /names demo, other/],
  'a script': [`#!/bin/sh\n# CLUSTER_NAME=demo\n`, /not #cloud-config/],
  'more than AWS takes, in bytes': [
    `#cloud-config\nwrite_files:\n${marker('demo')}# ${'ü'.repeat(8200)}\n`,
    /has 16\d{3} bytes; AWS takes 16384/,
  ],
};

for (const [title, [text, says]] of Object.entries(WRONG)) {
  test(`refuses ${title}`, (t) => {
    const problems = checkUserData(text, 'demo');
    t.is(problems.length, 1);
    t.regex(problems[0] ?? '', says);
  });
}
