import test from 'ava';
import { unitOf } from '../../src/boot/unit-of.js';

const kubelet = { name: 'kubelet.service', state: 'running', reason: '', at: 12.3, restarts: 0 } as const;

test('the unit by its name', (t) => t.is(unitOf({ units: [kubelet] }, 'kubelet.service'), kubelet));

test('a unit nothing was said about was not started', (t) => {
  t.like(unitOf({ units: [kubelet] }, 'etcd.service'), { name: 'etcd.service', state: 'not-started' });
});
