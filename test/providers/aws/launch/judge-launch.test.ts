import test from 'ava';
import type { AwsError } from '../../../../src/providers/aws/api.js';
import { judgeLaunch } from '../../../../src/providers/aws/launch/judge-launch.js';
import type { AwsCluster, AwsInstance } from '../../../../src/providers/aws/types.js';
import { awsError, recordedApi } from '../recorder.js';

const NOW = Date.parse('2026-11-21T12:00:00Z');

interface Told {
  shown?: Partial<AwsInstance>[];
  started?: string[];
  /** Milliseconds ago that AWS says they were launched. */
  ago?: number;
  error?: AwsError;
  shortages?: string[];
}

async function judge({ shown = [], started = [], ago = 1000, error, shortages = [] }: Told) {
  const { api } = recordedApi({});
  const instances = shown.map((each) => ({ roles: ['master'], state: 'running', name: each.id, ...each }));
  return await judgeLaunch({
    ...{ api, roles: ['master'], target: 2, now: NOW },
    cluster: { name: 'demo', instances } as unknown as AwsCluster,
    outcome: { started: started.map((id) => ({ id, time: NOW - ago })), error, shortages },
  });
}

const one = { id: 'i-1' };
const two = { id: 'i-2' };

test('all are there: nothing to say', async (t) => {
  t.is(await judge({ shown: [one, two], started: ['i-1', 'i-2'] }), undefined);
});

const GOES_ON: Record<string, Told> = {
  'an instance somebody ended: AWS answered an old call again': {
    shown: [
      one,
      { ...two, state: 'terminated', stateReason: 'Client.UserInitiatedShutdown: User initiated shutdown' },
    ],
    started: ['i-1', 'i-2'],
  },
  'an instance of long ago that AWS has forgotten': { shown: [one], started: ['i-1', 'i-2'], ago: 4_000_000 },
  'a token of another call': { shown: [one], error: awsError('IdempotentParameterMismatch') },
};

for (const [title, told] of Object.entries(GOES_ON)) {
  test(`worth another attempt: ${title}`, async (t) => {
    t.is(await judge(told), undefined);
  });
}

const ENDS: Record<string, [told: Told, says: RegExp]> = {
  'an instance that AWS ended': [
    {
      shown: [one, { ...two, state: 'terminated', stateReason: 'Server.InternalError: it broke' }],
      started: ['i-1', 'i-2'],
    },
    /^1 of 2 master nodes of demo are there: i-2 \(i-2\) is terminated: Server\.InternalError/,
  ],
  'an instance of just now that AWS does not show': [
    { shown: [one], started: ['i-1', 'i-2'] },
    /AWS launched i-2 and does not show them yet/,
  ],
  'a refusal': [
    { shown: [one], error: awsError('UnauthorizedOperation', 'You may not') },
    /^1 of 2 .*: You may not$/,
  ],
  'a lack of capacity': [
    { shown: [one], shortages: ['no room in a', 'no room in b'] },
    /no room in a\n {2}no room in b/,
  ],
};

for (const [title, [told, says]] of Object.entries(ENDS)) {
  test(`not worth another attempt: ${title}`, async (t) => {
    const failure = await judge(told);
    t.is(failure?.code, 'LAUNCH_FAILED');
    t.regex(failure?.message ?? '', says);
    t.regex(
      failure?.hint ?? '',
      /What is there is kept\. To go on: `launch --role master --count 2 --cluster demo --provider aws`/,
    );
  });
}
