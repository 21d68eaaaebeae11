import test from 'ava';
import { endedByOthers } from '../../../src/providers/aws/ended-by-others.js';

test('ended on somebody’s word, as AWS says it', (t) => {
  t.true(endedByOthers('Client.UserInitiatedShutdown: User initiated shutdown'));
  t.true(endedByOthers('User initiated (2026-11-21 10:00:00 GMT)'));
});

test('ended by itself, or by AWS', (t) => {
  for (const reason of [
    'Client.InstanceInitiatedShutdown: Instance initiated shutdown',
    'Server.InternalError: Internal error on launch',
    'Client.VolumeLimitExceeded: Volume limit exceeded',
  ])
    t.false(endedByOthers(reason), reason);
});
