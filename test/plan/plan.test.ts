import { createHash } from 'node:crypto';
import test from 'ava';
import { listKubernetes, listNetworks, listOs, loadKubernetes } from '../../src/catalog/load-catalog.js';
import { canonicalJson } from '../../src/plan/canonical-json.js';
import type { Plan, PlannedFile } from '../../src/plan/types.js';
import { supportMatrix } from '../../src/plan/verdicts/support-matrix.js';
import { matchGolden } from '../helpers/golden.js';
import { planOf } from '../helpers/plans.js';

for (const os of listOs()) {
  test(`the plan of ${os} is as recorded`, (t) => {
    matchGolden(t, `plan/${os}.txt`, describe(planOf(os)));
  });

  test(`two plans of ${os} are the same bytes`, (t) => {
    t.is(canonicalJson(planOf(os)), canonicalJson(planOf(os)));
  });
}

test('every OS with every minor and network has a plan, or a reason why not', (t) => {
  const lines = listOs().flatMap((os) =>
    listNetworks().flatMap((network) =>
      Object.entries(supportMatrix(os, network)).map(([minor, { verdict, findings }]) =>
        [os, minor, network, verdict, findings.map(({ rule }) => rule).join(',')].join(' ').trimEnd(),
      ),
    ),
  );
  t.is(lines.length, listOs().length * listNetworks().length * listKubernetes().length);
  matchGolden(t, 'verdicts.txt', `${lines.join('\n')}\n`);
});

test('every unit that a role names has a role gate, and no other unit has one', (t) => {
  const plan = planOf('debian12');
  const gated = plan.files.flatMap(({ path }) => /\/([^/]+)\.d\/10-role\.conf$/.exec(path)?.[1] ?? []).sort();
  t.deepEqual(gated, [...new Set(plan.roles.flatMap(({ units }) => units))].sort());
});

test('a unit of one role has its marker as a plain condition, a unit of several has alternatives', (t) => {
  const gate = (unit: string): string[] => {
    const file = planOf('debian12').files.find(({ path }) => path.endsWith(`/${unit}.d/10-role.conf`));
    return file !== undefined && 'content' in file ? (file.content.match(/^Condition.*$/gm) ?? []) : [];
  };
  const settled = 'ConditionPathExists=/run/kubernetes/node.env';
  t.deepEqual(gate('kubelet.service'), [settled, 'ConditionPathExists=/etc/sysconfig/kubernetes-minion']);
  t.deepEqual(gate('etcd.service'), [
    settled,
    'ConditionPathExists=|/etc/sysconfig/kubernetes-etcd',
    'ConditionPathExists=|/etc/sysconfig/kubernetes-master',
  ]);
});

test('every planned file is owned by root, so that an overlay needs no users', (t) => {
  const owners = planOf('debian12').files.flatMap((file) => ('owner' in file ? [file.owner] : []));
  t.deepEqual([...new Set(owners)], ['root:root']);
});

test('every minor plans on its own OS default network without an unknown artifact', (t) => {
  for (const minor of listKubernetes()) {
    const { version } = loadKubernetes(minor);
    const entry = supportMatrix('debian12')[minor];
    if (entry?.findings.some(({ rule }) => rule === 'pin-missing')) continue;
    t.notThrows(() => planOf('debian12', { kubernetes: version }), minor);
  }
});

function describe(plan: Plan): string {
  const sections = [
    `verdict ${plan.verdict}`,
    ...plan.findings.map(({ verdict, rule }) => `  ${verdict} ${rule}`),
    `kernel arguments ${plan.kernelArguments.join(' ')}`,
    `packages ${plan.packages.join(' ')}`,
    `removed ${plan.removedPackages.join(' ')}`,
    `enabled ${plan.enabledUnits.join(' ')}`,
    ...plan.artifacts.map(({ name, version, digest }) => `artifact ${name} ${version} ${digest}`),
    ...plan.files.map(describeFile),
  ];
  return `${sections.join('\n')}\n`;
}

function describeFile(file: PlannedFile): string {
  if (file.type === 'link') return `link ${file.path} -> ${file.target}`;
  if (file.type === 'directory') return `${file.mode} ${file.path}/`;
  if ('artifact' in file) return `${file.mode} ${file.path} ${file.artifact}`;
  return `${file.mode} ${file.path} ${createHash('sha256').update(file.content).digest('hex').slice(0, 12)}`;
}
