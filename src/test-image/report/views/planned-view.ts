import type { Plan } from '../../../plan/types.js';
import type { TemplateRecord } from '../../../render/render-template.js';
import { count } from '../quantities.js';

interface FactTable {
  title: string;
  count: string;
  /** Whether the first column names the row. */
  headings: string[];
  rows: { heading: string; cells: string[] }[];
  hasRows: boolean;
}

/** What the plan promised, as tables: what every check above was made from. */
export function plannedView(plan: Plan): TemplateRecord {
  return {
    verdict: plan.verdict,
    findings: plan.findings.map(({ rule, verdict, reason, hint = '' }) => ({ rule, verdict, reason, hint })),
    hasFindings: plan.findings.length > 0,
    tables: [
      roles(plan),
      ports(plan),
      settings(plan),
      machine(plan),
      units(plan),
      artifacts(plan),
    ] as unknown as TemplateRecord[],
  };
}

function table(
  title: string,
  noun: string,
  headings: string[],
  rows: readonly (readonly [string, ...string[]])[],
): FactTable {
  return {
    title,
    count: count(rows.length, noun),
    headings,
    rows: rows.map(([heading, ...cells]) => ({ heading, cells })),
    hasRows: rows.length > 0,
  };
}

function roles(plan: Plan): FactTable {
  return table(
    'Roles',
    'role',
    ['Role', 'Marker', 'Units'],
    plan.roles.map(({ name, marker, units }) => [name, marker, units.join(', ')]),
  );
}

function ports(plan: Plan): FactTable {
  const sorted = [...plan.ports].sort((left, right) => left.port - right.port);
  return table(
    'Ports',
    'port',
    ['Port', 'Address', 'Unit', 'Roles', 'For'],
    sorted.map(({ port, protocol, address, unit, roles, purpose }) => [
      `${port}/${protocol}`,
      address,
      unit,
      roles.join(', '),
      purpose,
    ]),
  );
}

function settings({ expected }: Plan): FactTable {
  return table('Kernel settings', 'setting', ['Setting', 'Value'], Object.entries(expected.sysctls));
}

function machine({ spec, expected, kernelArguments, users, removedPackages }: Plan): FactTable {
  return table(
    'Machine',
    'fact',
    ['Fact', 'Value'],
    [
      ['Pod addresses', spec.podCidr],
      ['Service addresses', spec.serviceCidr],
      ['Cluster domain', spec.clusterDomain],
      ['Kernel arguments', kernelArguments.join(' ')],
      ['Kernel modules', expected.modules.join(', ')],
      ['Control groups', expected.cgroup],
      ['SELinux', expected.selinux],
      ['Users', users.map(({ name }) => name).join(', ')],
      ['Packages kept out', removedPackages.join(', ')],
    ],
  );
}

function units({ enabledUnits, maskedUnits }: Plan): FactTable {
  return table(
    'Units',
    'unit',
    ['Unit', 'State'],
    [
      ...enabledUnits.map((name) => [name, 'enabled'] as const),
      ...maskedUnits.map((name) => [name, 'masked'] as const),
    ],
  );
}

function artifacts(plan: Plan): FactTable {
  return table(
    'Artifacts',
    'artifact',
    ['Artifact', 'Version', 'Digest', 'Source'],
    plan.artifacts.map(({ name, version, digest, source }) => [name, version, digest, source]),
  );
}
