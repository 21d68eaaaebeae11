import { existsSync, mkdtempSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { bake } from '../helpers/bake.js';
import { launch } from '../helpers/launch.js';
import { aCluster } from '../launch/a-cluster.js';
import { type DryRun, here, image, stateWith, work } from './launch-work.js';

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
  // Which port is free is chance: the other test files launch at the same time.
  const [said, alsoSaid] = [one, other].map(({ stdout }) => stdout.replaceAll(/\b164\d\d\b/g, 'PORT'));
  t.regex(said ?? '', /PORT/);
  t.is(said, alsoSaid);
  const missing = await bake(['launch', 'status', '--cluster', 'none'], here);
  t.is(missing.exitCode, 2);
  t.regex(missing.stderr, /^bake: There is no cluster "none"\n/);
});

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
