import test from 'ava';
import type { Lock } from '../../src/lock/lock.js';
import { resolveLock } from '../../src/lock/resolve-lock.js';
import { createPlan } from '../../src/plan/plan.js';
import { specOf } from '../helpers/plans.js';

const spec = specOf('debian12');

function idWith(base: Partial<Extract<Lock['base'], { kind: 'archive' }>>): string {
  const archive = { kind: 'archive', url: 'http://deb.debian.org/debian', source: 'test' } as const;
  return createPlan(spec, { ...resolveLock(spec), base: { ...archive, ...base } }).id;
}

test('the image id changes with the state of the archive, not with the day it was signed', (t) => {
  const [digest, other] = [`sha256:${'a'.repeat(64)}`, `sha256:${'b'.repeat(64)}`];
  const id = idWith({ digest, date: '2026-11-20T02:11:10.000Z' });
  t.is(idWith({ digest, date: '2026-11-21T02:11:10.000Z' }), id);
  t.is(idWith({ digest, dates: { bookworm: '2026-11-21T02:11:10.000Z' } }), id);
  t.not(idWith({ digest: other, date: '2026-11-20T02:11:10.000Z' }), id);
  const archives = [{ url: 'http://deb.debian.org/debian', suites: ['bookworm'], components: ['main'] }];
  t.not(idWith({ digest, archives }), id);
});
