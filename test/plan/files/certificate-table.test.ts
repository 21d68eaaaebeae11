import test from 'ava';
import { loadIdentityCatalog } from '../../../src/catalog/identity.js';
import type { Plan } from '../../../src/plan/types.js';
import { planOf } from '../../helpers/plans.js';

test('one line of ten words for every certificate of the catalog, after one line of headings', (t) => {
  const [heading = '', ...lines] = table(planOf('debian12'));
  t.regex(heading, /^# owner file authority/);
  t.is(lines.length, loadIdentityCatalog().leaves.certificates.length);
  for (const line of lines) t.is(line.split(' ').length, heading.split(' ').length - 1, line);
});

test('the image fills in what it knows, the node the rest', (t) => {
  const plan = planOf('debian12', { serviceCidr: '10.200.0.0/16', clusterDomain: 'k.example' });
  const server = table(plan).find((line) => line.startsWith('kube-apiserver server ')) ?? '';
  const [owner, file, authority, days, renewDays, name, organization, usages, names, addresses] =
    server.split(' ');
  t.deepEqual(
    [owner, file, authority, days, renewDays, name, organization, usages],
    ['kube-apiserver', 'server', 'kubernetes', '365', '90', 'kube-apiserver', '-', 'server'],
  );
  t.deepEqual(names?.split(',').slice(-3), [
    'kubernetes.default.svc.k.example',
    'masters.{cluster}.k8s',
    'lb.{cluster}.k8s',
  ]);
  t.is(addresses, '{address},127.0.0.1,10.200.0.1');
  const left = new Set(
    table(plan)
      .join('\n')
      .match(/\{[^}]*\}/g),
  );
  t.deepEqual([...left].sort(), ['{address}', '{cluster}', '{node}']);
});

test('every owner is a unit some role runs, and what it is given no unit lacks', (t) => {
  const plan = planOf('debian12');
  const units = new Set(plan.roles.flatMap((role) => role.units));
  for (const line of table(plan).slice(1)) t.true(units.has(`${line.split(' ')[0]}.service`), line);
});

test('the service of the daily timer is on the image, but only the timer is enabled', (t) => {
  const plan = planOf('debian12');
  const paths = plan.files.map((file) => file.path);
  t.true(paths.includes('/usr/lib/systemd/system/kube-renew.service'));
  t.true(plan.enabledUnits.includes('kube-renew.timer'));
  t.false(plan.enabledUnits.includes('kube-renew.service'));
});

function table(plan: Plan): string[] {
  const file = plan.files.find(({ path }) => path === '/usr/lib/kiln/certificates');
  return file !== undefined && 'content' in file ? file.content.trimEnd().split('\n') : [];
}
