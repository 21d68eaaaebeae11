import test from 'ava';
import { type DiskCheckFacts, diskChecksSchema } from '../../src/catalog/disk-checks.js';
import { readYaml } from '../../src/catalog/read-yaml.js';

const facts = readYaml('disk-checks.yaml') as DiskCheckFacts;

test('the facts fit their schema', (t) => {
  const result = diskChecksSchema.safeParse(facts);
  t.true(result.success, result.error?.message);
});

test('every architecture has its loader, machine and root types, the discoverable one among them', (t) => {
  for (const arch of ['amd64', 'arm64'] as const) {
    t.regex(facts.uefi[arch].file, /^EFI\/BOOT\/BOOT(X64|AA64)\.EFI$/);
    t.true(facts.partitions.root.types[arch].includes(facts.partitions.root.discoverable[arch]));
  }
  t.not(facts.uefi.amd64.machine, facts.uefi.arm64.machine);
});

test('each driver is asked for once, and both places are asked about', (t) => {
  const names = facts.drivers.map(({ name }) => name);
  t.is(new Set(names).size, names.length);
  t.deepEqual([...new Set(facts.drivers.map(({ where }) => where))].sort(), ['initrd', 'node']);
});

test('both targets are known', (t) => {
  t.deepEqual(Object.keys(facts.targets).sort(), ['aws', 'disk']);
});
