import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Command } from '@commander-js/extra-typings';
import test from 'ava';
import { execa } from 'execa';
import { createLaunchProgram } from '../../src/cli/launch-program.js';
import { type Action, createGate } from '../../src/gate/gate.js';
import { createIdentity } from '../../src/identity/create-identity.js';
import { saveIdentity } from '../../src/identity/save-identity.js';
import type { Cluster } from '../../src/launch/types.js';
import { repositoryPath } from '../../src/repository.js';
import { bake } from '../helpers/bake.js';
import { imageWithoutContent, launch } from '../helpers/launch.js';
import { aCluster } from '../launch/a-cluster.js';

interface DryRun {
  actions: Action[];
  cluster: Cluster;
  nodes: string[];
  added: string[];
  userData: Record<string, string>;
}

const NO_STACK = /^(?![\s\S]*\n\s+at )/;

const work = mkdtempSync(path.join(tmpdir(), 'kiln-launch-'));
const image = imageWithoutContent(path.join(work, 'out', 'debian12'));
const state = path.join(work, 'state');
const here = { cwd: work, env: { XDG_STATE_HOME: state } };

/** A state folder of its own, with this cluster in it. */
function stateWith(cluster: Cluster): string {
  const own = mkdtempSync(path.join(work, 'state-'));
  const folder = path.join(own, 'kiln', 'clusters', cluster.name);
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, 'cluster.json'), JSON.stringify(cluster));
  return own;
}

for (const rig of ['qemu', 'uml']) {
  test(`a dry run with ${rig} names every step in order and makes nothing, without root or tools`, async (t) => {
    // Only Node itself is to be found; the shell that starts it is named by its path.
    const bin = mkdtempSync(path.join(work, 'bin-'));
    const own = path.join(mkdtempSync(path.join(work, 'state-')), 'none');
    const args = ['--role', 'master,worker', '--count', '2', '--rig', rig, '--dry-run', '--json'];
    const result = await launch(args, {
      cwd: work,
      env: { XDG_STATE_HOME: own, PATH: bin, XDG_CACHE_HOME: path.join(own, 'cache') },
    });
    t.is(result.exitCode, 0, result.stderr);
    const { actions, cluster, nodes, added, userData } = JSON.parse(result.stdout) as DryRun;
    t.deepEqual(nodes, ['master-minion-1', 'master-minion-2']);
    t.deepEqual(added, nodes);
    t.deepEqual([cluster.image.id, cluster.image.folder], [image.id, image.folder]);
    t.deepEqual(cluster.etcd, { placement: 'stacked', size: 2 });
    const steps = actions.map(({ verb, target }) => `${verb} ${target}`);
    const at = (step: RegExp): number => steps.findIndex((each) => step.test(each));
    const order = [
      at(/^write .*\/cluster\.json$/),
      at(/^write .*\/identity$/),
      at(/^write .*\/kubeconfig$/),
      at(/^write .*\/ssh\/id_ed25519$/),
      at(/netns add kiln-kiln$/),
      at(/^write .*\/network\/hosts\/nodes$/),
      at(/^write .*master-minion-1\/identity\.img$/),
      at(/^make .*master-minion-1\/seed\.img$/),
      at(/^start master-minion-1$/),
      at(/^write .*master-minion-2\/identity\.img$/),
      at(/^start master-minion-2$/),
    ];
    t.false(order.includes(-1), `${order.join()} in\n${steps.join('\n')}`);
    t.deepEqual(
      order,
      order.toSorted((left, right) => left - right),
    );
    for (const name of nodes) {
      t.is(
        userData[name],
        '#cloud-config\nwrite_files:\n- path: /etc/sysconfig/kubernetes-master\n  content: CLUSTER_NAME=kiln\n' +
          '- path: /etc/sysconfig/kubernetes-minion\n  content: CLUSTER_NAME=kiln\n',
      );
    }
    t.false(existsSync(own));
  });
}

test('a dry run for people ends with the user data', async (t) => {
  const { stdout, exitCode } = await launch(['--role', 'etcd', '--count', '3', '--dry-run'], here);
  t.is(exitCode, 0);
  t.regex(stdout, /^write .*cluster\.json {2}\(cluster kiln: etcd-1, etcd-2, etcd-3\)$/m);
  t.regex(stdout, /User data of etcd-3:\n#cloud-config\n/);
});

test('`bake launch` is the same, options of its verbs too', async (t) => {
  const args = ['--role', 'master', '--dry-run'];
  const [one, other] = await Promise.all([launch(args, here), bake(['launch', ...args], here)]);
  // Hardware addresses are chance, and not in this text.
  t.is(one.stdout, other.stdout);
  const missing = await bake(['launch', 'status', '--cluster', 'none'], here);
  t.is(missing.exitCode, 2);
  t.regex(missing.stderr, /^bake: There is no cluster "none"\n/);
});

interface Case {
  args: string[];
  exitCode: number;
  says: RegExp;
}

const REFUSALS: Record<string, Case> = {
  'no role': { args: [], exitCode: 2, says: /^launch: No role given/ },
  'a misspelt verb': { args: ['statsu'], exitCode: 2, says: /did you mean status\?/ },
  'a misspelt role': { args: ['--role', 'mastr'], exitCode: 2, says: /did you mean master\?/ },
  'a misspelt option': { args: ['--rol', 'master'], exitCode: 2, says: /Did you mean --role\?/ },
  'an unknown provider': { args: ['--provider', 'gcp'], exitCode: 2, says: /Allowed choices are local/ },
  'a count of none': { args: ['--role', 'master', '--count', '0'], exitCode: 2, says: /--count wants/ },
  'a cluster name that leaves the folder': {
    args: ['destroy', '--cluster', '../x', '--yes'],
    exitCode: 2,
    says: /cannot be a cluster's name/,
  },
  'minions without masters': {
    args: ['--role', 'minion'],
    exitCode: 2,
    says: /no masters yet[\s\S]*--role master/,
  },
  'roles that cannot share a node': {
    args: ['--role', 'master,lb'],
    exitCode: 2,
    says: /cannot share a node/,
  },
  'an image that is none': {
    args: ['--role', 'master', '--image', 'nowhere'],
    exitCode: 1,
    says: /nowhere is not an image kiln baked/,
  },
  'a folder without images': {
    args: ['--role', 'master', '--out', 'nowhere'],
    exitCode: 1,
    says: /no finished image[\s\S]*bake image/,
  },
  'a status of no cluster': { args: ['status'], exitCode: 2, says: /There is no cluster "kiln"/ },
  'logs of no cluster': { args: ['logs', 'master-1'], exitCode: 2, says: /There is no cluster/ },
  'a smoke test without patience': {
    args: ['smoke', '--patience', 'none'],
    exitCode: 2,
    says: /--patience wants a number/,
  },
};

for (const [title, { args, exitCode, says }] of Object.entries(REFUSALS)) {
  test(`refuses ${title}`, async (t) => {
    // One of its own each: two launches of one cluster at once refuse each other.
    const env = { XDG_STATE_HOME: mkdtempSync(path.join(work, 'state-')) };
    const result = await launch(args, { cwd: work, env });
    t.is(result.exitCode, exitCode, result.stderr);
    t.regex(result.stderr, says);
    t.regex(result.stderr, NO_STACK);
    t.is(result.stdout, '');
  });
}

test('an image that is not what the cluster was launched from is refused, unless named for new nodes', async (t) => {
  const cluster = aCluster([['master']], {
    name: 'kiln',
    image: { folder: image.folder, id: 'sha256:of-another-day' },
  });
  const [node] = cluster.nodes;
  if (node !== undefined) delete node.started;
  const env = { XDG_STATE_HOME: stateWith(cluster) };
  const args = ['--role', 'minion', '--dry-run'];
  const refused = await launch(args, { cwd: work, env });
  t.is(refused.exitCode, 1);
  t.regex(refused.stderr, /no longer the image[\s\S]*--image/);
  const named = await launch([...args, '--image', image.folder, '--json'], { cwd: work, env });
  t.is(named.exitCode, 0, named.stderr);
  t.regex(named.stderr, /not the cluster's image/);
  t.deepEqual((JSON.parse(named.stdout) as DryRun).cluster.nodes[1]?.image, image);
});

test('a cluster that ran is never given another identity', async (t) => {
  const cluster = aCluster([['master']], { name: 'kiln', image });
  const env = { XDG_STATE_HOME: stateWith(cluster) };
  const result = await launch(['--role', 'minion', '--dry-run'], { cwd: work, env });
  t.is(result.exitCode, 1);
  t.regex(result.stderr, /no identity/);
});

test('status and list tell what is known of a cluster that does not run', async (t) => {
  const env = { XDG_STATE_HOME: stateWith(aCluster([['master'], ['minion']], { image })) };
  const text = await launch(['status', '--cluster', 'demo'], { env });
  t.is(text.exitCode, 0, text.stderr);
  t.regex(text.stdout, /^cluster demo: API https:\/\/127\.0\.0\.1:16443 unreachable/);
  t.regex(text.stdout, /^minion-2 +minion +10\.89\.0\.12 +stopped +unknown +-$/m);
  const { stdout } = await launch(['status', '--cluster', 'demo', '--json'], { env });
  t.is((JSON.parse(stdout) as { nodes: unknown[] }).nodes.length, 2);
  t.regex((await launch(['list'], { env })).stdout, /^demo +2 nodes +qemu /);
});

test('a damaged cluster is listed, and can be destroyed only when somebody says so', async (t) => {
  const own = stateWith(aCluster([], { name: 'half' }));
  const folder = path.join(own, 'kiln', 'clusters', 'half');
  writeFileSync(path.join(folder, 'cluster.json'), '{');
  const env = { XDG_STATE_HOME: own };
  t.regex((await launch(['list'], { env })).stdout, /^half +damaged/);
  const asked = await launch(['destroy', '--cluster', 'half'], { env });
  t.is(asked.exitCode, 2);
  const dry = await launch(['destroy', '--cluster', 'half', '--dry-run'], { env });
  t.is(dry.exitCode, 0, dry.stderr);
  t.is(dry.stdout, `remove ${folder}`);
  t.deepEqual(readdirSync(folder), ['cluster.json']);
  rmSync(own, { recursive: true });
  t.regex(
    (await launch(['destroy', '--cluster', 'half', '--yes'], { env })).stdout,
    /nothing of a cluster half/,
  );
});

for (const args of [
  ['--dry-run', 'destroy', '--yes', '--cluster', 'half'],
  ['--cluster', 'half', 'destroy', '--yes'],
  ['destroy', '--yes', 'half'],
  ['status', 'half'],
  ['--json', 'list'],
]) {
  test(`what a verb would not see is refused, and nothing is touched: launch ${args.join(' ')}`, async (t) => {
    const own = stateWith(aCluster([], { name: 'half' }));
    const { exitCode, stderr, stdout } = await launch(args, { env: { XDG_STATE_HOME: own } });
    t.is(exitCode, 2);
    t.is(stdout, '');
    t.regex(stderr, /stands before|too many arguments/);
    t.true(existsSync(path.join(own, 'kiln', 'clusters', 'half', 'cluster.json')));
  });
}

test('a reader that goes away is no crash', async (t) => {
  const own = mkdtempSync(path.join(work, 'state-'));
  for (let number = 0; number < 300; number += 1)
    mkdirSync(path.join(own, 'kiln', 'clusters', `c${number}`), { recursive: true });
  const { stderr } = await execa('sh', ['-c', `"${repositoryPath('bin', 'launch')}" list | true`], {
    env: { XDG_STATE_HOME: own },
    reject: false,
  });
  t.is(stderr, '');
});

test('a kubeconfig of something else is not replaced', async (t) => {
  const own = stateWith(aCluster([['master']], { name: 'demo', image }));
  const folder = path.join(own, 'kiln', 'clusters', 'demo');
  await saveIdentity(
    createGate({}),
    path.join(folder, 'identity'),
    await createIdentity({ cluster: 'demo' }),
  );
  const env = { XDG_STATE_HOME: own };
  const theirs = path.join(own, 'config');
  writeFileSync(theirs, 'users: [{name: demo-administrator}, {name: work}]\n');
  const refused = await launch(['kubeconfig', '--cluster', 'demo', '--out', theirs], { env });
  t.is(refused.exitCode, 2);
  t.regex(refused.stderr, /is there already/);
  t.regex(readFileSync(theirs, 'utf8'), /work/);
  const ours = path.join(own, 'ours');
  for (const attempt of ['first', 'again'])
    t.is((await launch(['kubeconfig', '--cluster', 'demo', '--out', ours], { env })).exitCode, 0, attempt);
});

test('the help that the build wrote is the help of the program, and loads no more than that', async (t) => {
  const program = createLaunchProgram();
  const result = await launch(['--help'], { env: { NODE_DEBUG: 'esm' } });
  t.is(result.stdout, program.helpInformation().trimEnd());
  for (const heavy of ['handlebars', 'js-yaml', 'execa', 'zod', '@peculiar', 'leven'])
    t.notRegex(result.stderr, new RegExp(`node_modules/${heavy}/`));
  for (const command of program.commands)
    t.is((await launch([command.name(), '-h'])).stdout, command.helpInformation().trimEnd());
});

for (const page of ['docs/launch.md', 'README.md']) {
  for (const words of shownCommands(readFileSync(repositoryPath(page), 'utf8'))) {
    test(`${page}: \`launch ${words.join(' ')}\` is a command line launch takes`, async (t) => {
      const program = withoutActions(createLaunchProgram());
      await t.notThrowsAsync(program.parseAsync(words, { from: 'user' }));
      const [word = ''] = words;
      t.true(word.startsWith('--') || program.commands.some((verb) => verb.name() === word));
    });
  }
}

/** The arguments of every `$ launch …` of a page, each once, without what follows as a remark. */
function shownCommands(text: string): string[][] {
  const lines = [...text.matchAll(/^\$ launch (.*?)(?:\s+#.*)?$/gm)].map(([, line = '']) => line.trim());
  return [...new Set(lines)].map((line) => line.split(/\s+/));
}

function withoutActions(program: Command): Command {
  for (const command of [program, ...program.commands]) {
    command.configureOutput({ writeErr: () => {} });
    command.action(() => {});
  }
  return program;
}
