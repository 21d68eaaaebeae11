import type { Instance } from '@aws-sdk/client-ec2';
import test from 'ava';
import { silentProgress } from '../../../../src/progress.js';
import { waitUntilUp } from '../../../../src/providers/aws/launch/wait-until-up.js';
import { quickClock } from '../quick-clock.js';
import { type Answers, demoTags, recordedApi } from '../recorder.js';

interface Machine {
  id: string;
  state: 'pending' | 'running' | 'terminated' | 'stopped';
  checks?: 'ok' | 'initializing' | 'impaired';
  reason?: string;
}

/** Waits for masters that are so at the n-th look. */
async function wait(machines: (look: number) => Machine[], { target = 2, before = [] as string[] } = {}) {
  let look = 0;
  const answers: Answers = {
    'ec2:DescribeInstances': () => {
      look += 1;
      return { Reservations: [{ Instances: machines(look).map(toInstance) }] };
    },
    'ec2:DescribeInstanceStatus': () => ({
      InstanceStatuses: machines(look)
        .filter(({ checks }) => checks !== undefined)
        .map(({ id, checks = 'ok' }) => ({
          InstanceId: id,
          InstanceStatus: { Status: checks },
          SystemStatus: { Status: 'ok' },
        })),
    }),
    'ec2:GetConsoleOutput': () => ({
      Output: Buffer.from('[ 1.0] boot\n[ 2.0] no root device\n').toString('base64'),
    }),
  };
  const notes: string[] = [];
  const { api, calls } = recordedApi(answers);
  let now = 0;
  const clock = quickClock((time) => {
    now = time;
  });
  const progress = { ...silentProgress, note: (text: string) => void notes.push(text) };
  const context = { api, progress, clock, signal: new AbortController().signal };
  const failure = await waitUntilUp(context, {
    ...{ cluster: 'demo', roles: ['master'], target, before: new Set(before) },
  });
  return { failure, notes, calls, waited: now, looks: look };
}

function toInstance({ id, state, reason }: Machine): Instance {
  const [Code = '', Message = ''] = reason?.split(': ') ?? [];
  return {
    ...{ InstanceId: id, Tags: demoTags('master', `demo-${id}`), State: { Name: state } },
    ...(reason === undefined ? {} : { StateReason: { Code, Message: `${Code}: ${Message}` } }),
  };
}

test('up is: running, and both of AWS’s checks passed', async (t) => {
  const { failure, notes, looks } = await wait((look) => [
    { id: 'i-1', state: 'running', checks: 'ok' },
    look < 3
      ? { id: 'i-2', state: 'pending' }
      : { id: 'i-2', state: 'running', checks: look < 5 ? 'initializing' : 'ok' },
  ]);
  t.is(failure, undefined);
  t.is(looks, 5);
  t.is(notes[0], '1 of 2 nodes are up');
});

test('a stopped one is not waited for', async (t) => {
  const { failure } = await wait(() => [
    { id: 'i-1', state: 'running', checks: 'ok' },
    { id: 'i-2', state: 'stopped' },
  ]);
  t.is(failure, undefined);
});

test('one that ended by itself is told at once, with AWS’s reason and the end of its console', async (t) => {
  const reason = 'Client.InternalError: Client error on launch';
  const { failure, waited } = await wait(() => [
    { id: 'i-1', state: 'running', checks: 'ok' },
    { id: 'i-2', state: 'terminated', reason },
  ]);
  t.is(waited, 0);
  t.is(failure?.code, 'LAUNCH_FAILED');
  t.regex(
    failure?.message ?? '',
    /^1 of 2 master nodes of demo are there: demo-i-2 \(i-2\) is terminated: Client\.InternalError: Client error/,
  );
  t.regex(failure?.message ?? '', /console of demo-i-2:\n.*boot\n.*no root device$/);
});

test('what ended before this launch is not its business', async (t) => {
  const { failure } = await wait(
    () => [
      { id: 'i-0', state: 'terminated', reason: 'Server.InternalError: it broke' },
      { id: 'i-1', state: 'running', checks: 'ok' },
      { id: 'i-2', state: 'running', checks: 'ok' },
    ],
    { before: ['i-0'] },
  );
  t.is(failure, undefined);
});

test('ten minutes without another node up end the wait, with what is known of the late ones', async (t) => {
  const { failure, waited } = await wait((look) => [
    { id: 'i-1', state: 'running', checks: look < 10 ? 'initializing' : 'ok' },
    { id: 'i-2', state: 'running', checks: 'initializing' },
  ]);
  t.is(waited, 90_000 + 600_000);
  t.regex(
    failure?.message ?? '',
    /1 of 2 .* demo-i-2 \(i-2\) is running: its status checks are initializing/,
  );
});
