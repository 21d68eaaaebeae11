import test from 'ava';
import { resolveLock } from '../../../src/lock/resolve-lock.js';
import { createPlan } from '../../../src/plan/plan.js';
import { specOf } from '../../helpers/plans.js';

test('the node has the same table of ports as the plan', (t) => {
  const spec = specOf('debian12', { kubernetes: '1.36.4', network: 'flannel' });
  const plan = createPlan(spec, resolveLock(spec));
  const file = plan.files.find(({ path }) => path === '/usr/lib/kiln/ports');
  const content = file?.type === 'file' && 'content' in file ? file.content : '';
  const lines = content.trimEnd().split('\n');
  t.is(lines.shift(), '# port protocol address unit');
  t.deepEqual(
    lines,
    plan.ports.map(({ port, protocol, address, unit }) => `${port} ${protocol} ${address} ${unit}`),
  );
  t.true(lines.includes('6443 tcp 0.0.0.0 kube-apiserver.service'));
  t.true(lines.includes('8472 udp 0.0.0.0 flanneld.service'));
});
