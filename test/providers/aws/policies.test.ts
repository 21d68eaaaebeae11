import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { listOs, loadOs } from '../../../src/catalog/load-catalog.js';
import { CALLS } from '../../../src/providers/aws/calls.js';
import { repositoryPath } from '../../../src/repository.js';
import { actionsOf, policyNames, readPolicy, type Statement } from './policies.js';

/** Where the code of each verb begins, by the policy it is run with. */
const VERBS: Record<string, string[]> = {
  'bake-image': ['src/cli/commands/image-on-aws.ts'],
  'bake-update': ['src/cli/commands/update.ts'],
  launch: ['src/cli/commands/launch/aws/launch.ts'],
  'launch-status': ['list', 'logs', 'status'].map((verb) => `src/cli/commands/launch/aws/${verb}.ts`),
  'launch-destroy': ['src/cli/commands/launch/aws/destroy.ts'],
};

/** What AWS asks a caller for besides the call itself: tags given with it, a role handed on, the first group of an account. */
const BESIDES: Record<string, string[]> = {
  launch: ['autoscaling:CreateOrUpdateTags', 'ec2:CreateTags', 'iam:CreateServiceLinkedRole', 'iam:PassRole'],
};

/** Actions for which IAM knows no resources. Source: Service Authorization Reference, EC2 and EC2 Auto Scaling. */
const WITHOUT_RESOURCES = /^(ec2|autoscaling):Describe/;

for (const [name, entries] of Object.entries(VERBS))
  test(`${name}.json allows what the code calls, and nothing else`, (t) => {
    const calls = new Set(entries.flatMap(callsFrom));
    t.true(calls.size > 0);
    const allowed = actionsOf(readPolicy(name));
    // What Packer does is held to what it was seen doing, in packer-policy.moto.slow.test.ts.
    if (name === 'bake-image')
      t.deepEqual(
        [...calls].filter((call) => !allowed.includes(call)),
        [],
      );
    else t.deepEqual(allowed, [...calls, ...(BESIDES[name] ?? [])].sort());
  });

test('every action there is is in a policy, and every policy belongs to a verb', (t) => {
  const all = new Set(policyNames().flatMap((name) => actionsOf(readPolicy(name))));
  t.deepEqual(
    Object.keys(CALLS).filter((call) => !all.has(call)),
    [],
  );
  t.deepEqual(policyNames().sort(), Object.keys(VERBS).sort());
});

test('what only reads allows no change', (t) => {
  for (const name of ['bake-update', 'launch-status'])
    for (const action of actionsOf(readPolicy(name)))
      t.false(CALLS[action as keyof typeof CALLS].changes, `${name}: ${action}`);
});

for (const name of policyNames())
  test(`${name}.json is a policy, and as narrow as IAM lets it be`, (t) => {
    const { Version, Statement } = readPolicy(name);
    t.is(Version, '2012-10-17');
    const sids = Statement.map(({ Sid }) => Sid);
    t.is(new Set(sids).size, sids.length);
    for (const statement of Statement) checkStatement(statement);

    function checkStatement({ Sid, Effect, Action, Resource, Condition = {} }: Statement): void {
      t.is(Effect, 'Allow', Sid);
      t.regex(Sid, /^[A-Za-z]+$/);
      const actions = [Action].flat();
      for (const action of actions) t.regex(action, /^(ec2|autoscaling|iam):[A-Z][A-Za-z]+$/, Sid);
      for (const resource of [Resource].flat()) {
        if (resource !== '*')
          t.regex(resource, /^arn:aws:(ec2|autoscaling|iam):(REGION)?:(ACCOUNT)?:.+/, Sid);
        else {
          for (const action of actions) t.regex(action, WITHOUT_RESOURCES, `${Sid} has resources`);
          t.deepEqual(Condition, { StringEquals: { 'aws:RequestedRegion': 'REGION' } }, Sid);
        }
      }
    }
  });

test('what changes or ends something needs its tags, and what makes something gives them', (t) => {
  for (const name of ['launch', 'launch-destroy'])
    for (const { Sid, Action, Resource, Condition = {} } of readPolicy(name).Statement) {
      const [action = ''] = [Action].flat();
      if (/:(Describe|Get)|^iam:/.test(action)) continue;
      // The images, subnets and security groups a node is started in are not the cluster's.
      if (action === 'ec2:RunInstances' && /(image|subnet)\/\*$/.test(String([Resource].flat().at(-1))))
        continue;
      const makes = /Create(?!LaunchTemplateVersion)/.test(action) || action === 'ec2:RunInstances';
      const isTemplate = String(Resource).endsWith('launch-template/*') && action === 'ec2:RunInstances';
      const side = makes && !isTemplate ? 'Request' : 'Resource';
      const { StringEquals = {} } = Condition;
      t.is(StringEquals[`aws:${side}Tag/KubernetesCluster`], 'CLUSTER', `${name}: ${Sid}`);
      t.is(StringEquals[`aws:${side}Tag/managed-by`], 'kiln', `${name}: ${Sid}`);
    }
});

test('a node is started only with a metadata service that asks for tokens, and from an image kiln baked', (t) => {
  const run = readPolicy('launch').Statement.filter(({ Action }) => Action === 'ec2:RunInstances');
  const on = (kind: string) => run.find(({ Resource }) => String(Resource).endsWith(`:${kind}/*`));
  t.is(on('instance')?.Condition?.StringEquals?.['ec2:MetadataHttpTokens'], 'required');
  t.is(on('image')?.Condition?.StringEquals?.['aws:ResourceTag/managed-by'], 'kiln');
});

test('a bake starts only from the publishers of the catalog, and touches only its own builder', (t) => {
  const { Statement } = readPolicy('bake-image');
  const owners = Statement.flatMap(({ Condition }) => Condition?.StringEquals?.['ec2:Owner'] ?? []);
  // Amazon's own go by this name instead of an account.
  t.deepEqual(owners.sort(), [...new Set(listOs().map((os) => loadOs(os).ami.owner)), 'amazon'].sort());
  for (const { Sid, Action, Condition } of Statement)
    if ([Action].flat().some((action) => /:(Terminate|Stop|Modify)Instance/.test(action)))
      t.is(Condition?.Null?.['aws:ResourceTag/kiln:run'], 'false', Sid);
});

test('placeholders are those the page explains', (t) => {
  const page = readFileSync(repositoryPath('docs', 'aws-policies.md'), 'utf8');
  for (const name of policyNames()) {
    t.true(page.includes(`${name}.json`), name);
    const words = JSON.stringify(readPolicy(name)).match(/\b[A-Z_]{3,}\b/g) ?? [];
    for (const word of words) t.true(page.includes(`\`${word}\``), word);
  }
});

/** The calls in a file and all it loads: every action is spelt out where it is called. */
function callsFrom(entry: string): string[] {
  const seen = new Set<string>();
  const calls = new Set<string>();
  const open = [repositoryPath(entry)];
  for (let file = open.pop(); file !== undefined; file = open.pop()) {
    if (seen.has(file) || !existsSync(file)) continue;
    seen.add(file);
    // The table of all calls, and what sends them, are no calls.
    if (/providers\/aws\/(calls|transport|throttle)\.ts$/.test(file)) continue;
    const text = readFileSync(file, 'utf8');
    for (const [name] of text.matchAll(/(?<=')(ec2|autoscaling|iam):[A-Z]\w+(?=')/g)) calls.add(name);
    for (const loaded of loadedBy(text))
      open.push(path.resolve(path.dirname(file), loaded.replace(/\.js$/, '.ts')));
  }
  return [...calls];
}

function loadedBy(text: string): string[] {
  const statically = text.matchAll(/^(?:import|export)(?! type\b)[^;]*? from '(\.[^']+)'/gm);
  const lazily = text.matchAll(/import\('(\.[^']+)'\)/g);
  return [...statically, ...lazily].map(([, file = '']) => file);
}
