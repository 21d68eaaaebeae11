import test from 'ava';
import { type Clone, compareClones } from '../../../src/test-image/checks/clone-checks.js';
import { goodContext } from './context.js';

function cloneOf(cell: string, number: number): Clone {
  const { facts } = goodContext({ roles: [] });
  const mac = `52:54:00:00:00:0${number}`;
  facts.machine = {
    machineId: `${number}`.repeat(32),
    bootId: `boot-${number}`,
    hostKeys: [`SHA256:ed25519-${number}`, `SHA256:ecdsa-${number}`],
    macs: { ens3: mac, sit0: '0.0.0.0', tunl0: '00:00:00:00' },
    randomSeed: `${number}`.repeat(64),
  };
  return { cell, facts, mac };
}

function clones(): [Clone, Clone, Clone] {
  return [cloneOf('master', 1), cloneOf('minion', 2), cloneOf('lb', 3)];
}

function failuresOf(boots: readonly Clone[]): Record<string, string[]> {
  const failed = compareClones(boots).filter(({ status }) => status === 'failed');
  return Object.fromEntries(
    failed.map(({ check, problems }) => [check, problems.map(({ subject }) => subject)]),
  );
}

test('machines that differ pass, each trait by itself', (t) => {
  const results = compareClones(clones());
  t.deepEqual(
    results.map(({ check, status, examined }) => `${check} ${status} ${examined}`),
    ['machine-id', 'boot-id', 'host-keys', 'random-seed', 'mac'].map((name) => `clone-${name} passed 3`),
  );
});

const SAME = {
  'clone-machine-id': { machineId: '1'.repeat(32) },
  'clone-boot-id': { bootId: 'boot-1' },
  'clone-host-keys': { hostKeys: ['SHA256:ecdsa-1', 'SHA256:other'] },
  'clone-random-seed': { randomSeed: '1'.repeat(64) },
} as const;

for (const [check, same] of Object.entries(SAME)) {
  test(`${check}: two machines with the same one`, (t) => {
    const boots = clones();
    Object.assign(boots[2].facts.machine, same);
    t.deepEqual(failuresOf(boots), { [check]: ['lb'] });
  });
}

test('a machine without a machine-id or host keys', (t) => {
  const boots = clones();
  Object.assign(boots[1].facts.machine, { machineId: '', hostKeys: [] });
  t.deepEqual(failuresOf(boots), { 'clone-machine-id': ['minion'], 'clone-host-keys': ['minion'] });
});

test('two machines with one MAC, and a MAC other than the one given', (t) => {
  const shared = clones();
  shared[1].facts.machine.macs = { ens3: '52:54:00:00:00:01' };
  delete shared[1].mac;
  t.deepEqual(failuresOf(shared), { 'clone-mac': ['minion'] });
  const changed = clones();
  changed[0].facts.machine.macs = { ens3: '02:00:00:00:00:09' };
  t.deepEqual(failuresOf(changed), { 'clone-mac': ['master'] });
});

test('a random seed is not kept everywhere: noted, and skipped where fewer than two have one', (t) => {
  const boots = clones();
  boots[0].facts.machine.randomSeed = '';
  const some = compareClones(boots).find(({ check }) => check === 'clone-random-seed');
  t.is(some?.status, 'passed');
  t.deepEqual(some?.notes, ['master: systemd keeps none']);
  boots[1].facts.machine.randomSeed = '';
  const one = compareClones(boots).find(({ check }) => check === 'clone-random-seed');
  t.is(one?.status, 'skipped');
});

test('a single machine has nothing to be compared with', (t) => {
  for (const { status, reason } of compareClones([cloneOf('master', 1)])) {
    t.is(status, 'skipped');
    t.regex(reason, /two machines/);
  }
});
