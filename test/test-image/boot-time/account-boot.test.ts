import test from 'ava';
import type { GuestUnit } from '../../../src/boot/probe/guest-facts.js';
import { accountBoot } from '../../../src/test-image/boot-time/account-boot.js';

const seconds = {
  kernel: 2,
  initrd: 3,
  userspace: 20,
  cloudInit: { 'init-local': 1, init: 4 },
  toLogin: 40,
};
const plan = {
  roles: [
    {
      name: 'minion',
      marker: '/etc/sysconfig/kubernetes-minion',
      units: ['containerd.service', 'kubelet.service'],
    },
    { name: 'etcd', marker: '/etc/sysconfig/kubernetes-etcd', units: ['etcd.service'] },
  ],
};
const minion = { roles: ['minion'] };

function unit(name: string, started?: number, activated?: number): GuestUnit {
  return { name, started, activated } as GuestUnit;
}

test('stages in order, cloud-init’s own, and the units of the cell’s roles in the order they came up', (t) => {
  const units = [
    unit('kubelet.service', 16, 19),
    unit('containerd.service', 14, 15.5),
    unit('etcd.service', 1, 2),
    unit('ssh.service', 1, 2),
  ];
  t.deepEqual(accountBoot({ boot: { seconds }, facts: { units }, plan, cell: minion }), {
    stages: [
      { name: 'kernel', seconds: 2 },
      { name: 'initrd', seconds: 3 },
      { name: 'userspace', seconds: 20 },
    ],
    cloudInit: [
      { name: 'init-local', seconds: 1 },
      { name: 'init', seconds: 4 },
    ],
    units: [
      { name: 'containerd.service', started: 14, active: 15.5 },
      { name: 'kubelet.service', started: 16, active: 19 },
    ],
  });
});

test('what was not measured is left out, not zero', (t) => {
  const none = {
    kernel: undefined,
    initrd: undefined,
    userspace: undefined,
    cloudInit: {},
    toLogin: undefined,
  };
  const units = [unit('containerd.service', 14), unit('kubelet.service')];
  const empty = { stages: [], cloudInit: [], units: [] };
  t.deepEqual(accountBoot({ boot: { seconds: none }, facts: { units }, plan, cell: minion }), empty);
  t.deepEqual(accountBoot({ boot: { seconds: none }, facts: undefined, plan, cell: minion }), empty);
});

test('an idle node has no units of roles', (t) => {
  const facts = { units: [unit('containerd.service', 14, 15)] };
  t.deepEqual(accountBoot({ boot: { seconds }, facts, plan, cell: { roles: [] } }).units, []);
});
