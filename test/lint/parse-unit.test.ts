import test from 'ava';
import { parseUnit } from '../../src/lint/parse-unit.js';

function assignments(content: string): string[] {
  return parseUnit(content, '/u').entries.map(
    ({ section, key, value, line }) => `${line} ${section}.${key}=${value}`,
  );
}

test('sections, spaces round the equals sign, comments', (t) => {
  t.deepEqual(assignments('# note\n[Unit]\nAfter = a.service\n; note\n\n[Service]\nExecStart=/bin/x a=b\n'), [
    '3 Unit.After=a.service',
    '7 Service.ExecStart=/bin/x a=b',
  ]);
});

test('a continued line, a comment between its lines, and one the file ends in', (t) => {
  t.deepEqual(assignments('[Service]\nExecStart=/bin/x \\\n  # not part of it\n  --y\nType=simple\n'), [
    '2 Service.ExecStart=/bin/x  --y',
    '5 Service.Type=simple',
  ]);
  t.deepEqual(assignments('[Service]\nExecStart=/bin/x \\'), ['2 Service.ExecStart=/bin/x']);
});

test('lines that are nothing, and assignments before any section, are problems', (t) => {
  const { entries, problems } = parseUnit('Type=simple\n[Unit]\njust words\n', '/u');
  t.deepEqual(entries, []);
  t.deepEqual(problems, [
    { file: '/u', line: 1, text: 'Type=simple' },
    { file: '/u', line: 3, text: 'just words' },
  ]);
});
