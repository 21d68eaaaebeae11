import test from 'ava';
import { checkRoles } from '../../src/launch/role-conflicts.js';
import { planOf } from '../helpers/plans.js';

const plan = planOf('debian12');

for (const roles of [['master'], ['master', 'minion'], ['etcd', 'master', 'minion'], ['minion', 'lb']]) {
  test(`${roles.join(' and ')} can share a node`, (t) => {
    t.notThrows(() => checkRoles(roles, plan));
  });
}

test('master and lb cannot, as the image itself says', (t) => {
  for (const roles of [
    ['master', 'lb'],
    ['lb', 'master'],
    ['etcd', 'master', 'lb'],
  ])
    t.throws(() => checkRoles(roles, plan), { code: 'LAUNCH_REFUSED', message: /lb and master/ });
});
