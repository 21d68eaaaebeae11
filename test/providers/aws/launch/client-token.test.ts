import test from 'ava';
import { clientToken, type TokenParts } from '../../../../src/providers/aws/launch/client-token.js';

const parts: TokenParts = {
  cluster: 'demo',
  roles: ['master'],
  name: 'demo-master-1',
  subnet: 'subnet-1',
  type: 't3.medium',
  template: 'lt-1@3',
  ordinal: 0,
  min: 1,
  max: 1,
  seen: ['i-1', 'i-2'],
  attempt: 0,
};

test('the same call has the same token, in whatever order AWS shows what is there', (t) => {
  t.is(clientToken(parts), clientToken({ ...parts, seen: ['i-2', 'i-1'] }));
});

test('AWS takes it: at most 64 characters of ASCII', (t) => {
  t.regex(clientToken(parts), /^[0-9a-f]{60}$/);
});

const OTHERS: Partial<TokenParts>[] = [
  { cluster: 'other' },
  { roles: ['minion'] },
  { roles: ['master', 'minion'] },
  { name: 'demo-master-2' },
  { subnet: 'subnet-2' },
  { subnet: undefined },
  { type: 't3.large' },
  { template: 'lt-1@4' },
  { template: 'lt-2@3' },
  { ordinal: 1 },
  { min: 2 },
  { max: 2 },
  { seen: ['i-1', 'i-2', 'i-3'] },
  { seen: [] },
  { attempt: 1 },
];

test('whatever a call differs in makes another token', (t) => {
  const tokens = OTHERS.map((other) => clientToken({ ...parts, ...other }));
  t.is(new Set([clientToken(parts), ...tokens]).size, OTHERS.length + 1);
});
