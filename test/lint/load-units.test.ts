import test from 'ava';
import { conditionsOf, lastValueOf, loadUnits, namesOf, valuesOf } from '../../src/lint/load-units.js';
import type { PlannedFile } from '../../src/plan/types.js';

const VENDOR = '/usr/lib/systemd/system';

function file(path: string, content: string): PlannedFile {
  return { path, from: 'test', type: 'file', mode: '0644', owner: 'root:root', content };
}

function load(...files: PlannedFile[]) {
  const set = loadUnits(files);
  const unit = set.units.get('a.service');
  if (unit === undefined) throw new Error('a.service was not loaded');
  return { set, unit };
}

test('drop-ins add to lists in the order of their names, and an empty assignment clears', (t) => {
  const { unit } = load(
    file(`${VENDOR}/a.service`, '[Unit]\nAfter=x.service y.service\n[Service]\nExecStart=/bin/a\n'),
    file(`${VENDOR}/a.service.d/20-b.conf`, '[Service]\nExecStart=\nExecStart=/bin/b\n'),
    file(`${VENDOR}/a.service.d/10-a.conf`, '[Unit]\nAfter=z.service\n'),
  );
  t.deepEqual(namesOf(unit, 'Unit', 'After'), ['x.service', 'y.service', 'z.service']);
  t.deepEqual(
    valuesOf(unit, 'Service', 'ExecStart').map(({ value }) => value),
    ['/bin/b'],
  );
  t.is(lastValueOf(unit, 'Service', 'Type'), undefined);
});

test('a file in /etc hides the vendor’s, and a drop-in there the one of the same name', (t) => {
  const { unit } = load(
    file(`${VENDOR}/a.service`, '[Service]\nType=simple\n'),
    file('/etc/systemd/system/a.service', '[Service]\nType=notify\n'),
    file(`${VENDOR}/a.service.d/10.conf`, '[Service]\nUser=one\n'),
    file('/etc/systemd/system/a.service.d/10.conf', '[Service]\nUser=two\n'),
  );
  t.is(lastValueOf(unit, 'Service', 'Type'), 'notify');
  t.is(lastValueOf(unit, 'Service', 'User'), 'two');
  t.deepEqual(unit.dropins, ['/etc/systemd/system/a.service.d/10.conf']);
});

test('an empty assignment of any condition clears them all', (t) => {
  const { unit } = load(
    file(`${VENDOR}/a.service`, '[Unit]\nConditionPathExists=/a\n'),
    file(`${VENDOR}/a.service.d/10.conf`, '[Unit]\nConditionKernelCommandLine=\nConditionPathExists=/b\n'),
  );
  t.deepEqual(
    conditionsOf(unit).map(({ value }) => value),
    ['/b'],
  );
});

test('links pull in and mask', (t) => {
  const { set } = load(
    file(`${VENDOR}/a.service`, '[Service]\n'),
    {
      path: '/etc/systemd/system/multi-user.target.wants/a.service',
      from: 'test',
      type: 'link',
      target: `${VENDOR}/a.service`,
    },
    { path: '/etc/systemd/system/b.service', from: 'test', type: 'link', target: '/dev/null' },
  );
  t.deepEqual([...(set.pulledIn.get('multi-user.target') ?? [])], ['a.service']);
  t.deepEqual([...set.masked], ['b.service']);
});
