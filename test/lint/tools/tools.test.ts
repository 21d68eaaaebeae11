import test, { type ExecutionContext } from 'ava';
import { createGate } from '../../../src/gate/gate.js';
import { contextOf, runTool, targetOf } from '../../../src/lint/lint-plan.js';
import { checkScripts } from '../../../src/lint/tools/check-scripts.js';
import type { ToolChecks } from '../../../src/lint/tools/tool-check.js';
import { validatePacker } from '../../../src/lint/tools/validate-packer.js';
import { validateUserData } from '../../../src/lint/tools/validate-user-data.js';
import { verifyUnits } from '../../../src/lint/tools/verify-units.js';
import type { LintResult } from '../../../src/lint/types.js';
import type { Plan } from '../../../src/plan/types.js';
import { soundPlan, withDropin, withFile } from '../faulty-plan.js';

/** The real tool's results on a plan; a tool that is not here is said to be missing, and proves nothing. */
async function run(t: ExecutionContext, checks: ToolChecks, plan: Plan): Promise<LintResult[] | undefined> {
  const results: LintResult[] = [];
  for (const check of checks(contextOf(plan)))
    results.push(await runTool(createGate({}), targetOf(plan), check));
  t.true(results.length > 0);
  const skipped = results.find(({ state }) => state === 'skipped');
  if (skipped === undefined) return results;
  t.truthy(skipped.reason);
  t.log(`NOT CHECKED: ${skipped.reason}`);
  return undefined;
}

function messages(results: readonly LintResult[]): string {
  return results
    .flatMap(({ problems }) => problems.map(({ subject, message }) => `${subject}: ${message}`))
    .join('\n');
}

test('systemd-analyze accepts the real units', async (t) => {
  for (const os of ['debian12', 'rocky9', 'centos7']) {
    const results = await run(t, verifyUnits, soundPlan(os));
    if (results !== undefined) t.is(messages(results), '');
  }
});

for (const [name, dropin, expected] of [
  [
    'an unknown key',
    '[Service]\nFooBar=1\n',
    /kubelet\.service: .*Unknown key 'FooBar' in section \[Service\]/,
  ],
  ['a value it cannot read', '[Service]\nRestartSec=soon\n', /Failed to parse sec value, ignoring: soon/],
  ['a program that is not there', '[Service]\nExecStartPre=relative/path\n', /kubelet\.service/],
  ['an ordering cycle', '[Unit]\nAfter=cloud-final.service\nBefore=containerd.service\n', /cycle/],
] as const) {
  test(`systemd-analyze refuses ${name}`, async (t) => {
    const results = await run(
      t,
      verifyUnits,
      withDropin(soundPlan(), 'kubelet.service', '50-test.conf', dropin),
    );
    if (results === undefined) return;
    t.is(results[0]?.state, 'failed');
    t.regex(messages(results), expected);
  });
}

test('shellcheck accepts the real scripts and finds a fault by script and line', async (t) => {
  const sound = await run(t, checkScripts, soundPlan());
  if (sound === undefined) return;
  t.is(messages(sound), '');
  const script = '/usr/libexec/kiln/faulty';
  const faulty = await run(
    t,
    checkScripts,
    withFile(soundPlan(), script, '#!/bin/sh\nif [ $1 == x ]; then\n  cd /tmp\nfi\n', '0755'),
  );
  t.regex(messages(faulty ?? []), /^\/usr\/libexec\/kiln\/faulty: line 2: .*\[SC/m);
});

test('cloud-init accepts the user data of every role and the image’s own files', async (t) => {
  const results = await run(t, validateUserData, soundPlan());
  if (results === undefined) return;
  t.true(results.length > soundPlan().roles.length);
  t.is(messages(results), '');
});

test('cloud-init refuses a file of the image that is against its schema', async (t) => {
  const file = '/etc/cloud/cloud.cfg.d/99_test.cfg';
  const results = await run(t, validateUserData, withFile(soundPlan(), file, 'users: []\nwrite_files: 7\n'));
  if (results !== undefined)
    t.regex(messages(results), /^\/etc\/cloud\/cloud\.cfg\.d\/99_test\.cfg: .*write_files/m);
});

test('packer accepts both builders’ templates, and equal ones are asked for once', async (t) => {
  const results = await run(t, validatePacker, soundPlan());
  if (results !== undefined) t.is(messages(results), '');
  const keys = [soundPlan(), withFile(soundPlan(), '/etc/x', '')].map((plan) =>
    validatePacker(contextOf(plan)).map(({ key }) => key),
  );
  t.deepEqual(keys[0], keys[1]);
});

test.serial('a tool that is not installed is a skipped check with a reason, not a passed one', async (t) => {
  const path = process.env.PATH;
  process.env.PATH = '/nonexistent';
  try {
    for (const checks of [verifyUnits, checkScripts, validateUserData, validatePacker]) {
      for (const check of checks(contextOf(soundPlan()))) {
        const result = await runTool(createGate({}), 'x', check);
        t.is(result.state, 'skipped');
        t.regex(result.reason ?? '', /is not installed/);
      }
    }
  } finally {
    process.env.PATH = path;
  }
});
