import test from 'ava';
import {
  isSchedulable,
  type NodeObject,
  type PodObject,
  whyNotReady,
} from '../../../src/launch/smoke/objects.js';

const READY = [{ type: 'Ready', status: 'True' }];

for (const [what, spec, conditions, expected] of [
  ['a ready node', {}, READY, true],
  ['a node that is not ready', {}, [{ type: 'Ready', status: 'Unknown' }], false],
  ['a node that has not reported', {}, undefined, false],
  ['a cordoned node', { unschedulable: true }, READY, false],
  [
    'a tainted node',
    { taints: [{ key: 'node-role.kubernetes.io/master', effect: 'NoSchedule' }] },
    READY,
    false,
  ],
  ['a node that would rather not', { taints: [{ key: 'a', effect: 'PreferNoSchedule' }] }, READY, true],
] as const) {
  test(`${what} ${expected ? 'takes' : 'takes no'} pods`, (t) => {
    const node = { metadata: { name: 'a' }, spec, status: { conditions } } as unknown as NodeObject;
    t.is(isSchedulable(node), expected);
  });
}

for (const [status, expected] of [
  [{ containerStatuses: [{ state: { waiting: { reason: 'ErrImageNeverPull' } } }] }, 'ErrImageNeverPull'],
  [
    { containerStatuses: [{ state: { waiting: { reason: 'ContainerCreating', message: 'no sandbox' } } }] },
    'ContainerCreating: no sandbox',
  ],
  [
    { conditions: [{ type: 'PodScheduled', status: 'False', message: '0/1 nodes are available' }] },
    '0/1 nodes are available',
  ],
  [{ conditions: [{ type: 'Ready', status: 'True' }] }, 'not ready yet, and the API gives no reason'],
  [{}, 'not ready yet, and the API gives no reason'],
] as const) {
  test(`why a pod is not ready: ${expected} (${JSON.stringify(status).length} bytes of status)`, (t) => {
    t.is(whyNotReady({ metadata: { name: 'a' }, spec: {}, status } as unknown as PodObject), expected);
  });
}
