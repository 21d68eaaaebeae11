import test from 'ava';
import type { SmokeReport } from '../../src/launch/smoke/types.js';
import { bakeFromDebian } from '../helpers/baked-image.js';
import { launch } from '../helpers/launch.js';
import { clusterSecrets, findSecretsOnHost, findSecretsOnNode } from './find-secrets.js';
import { ALL_WELL, exposedKeys, healthAnswers } from './node-facts.js';
import { createTestCluster } from './test-cluster.js';

const NAME = 'slow-single';
const NODE = 'master-minion-1';

/** The image's own kernel, real Kubernetes, formed from two markers and a cluster name. */
test.serial(
  'one machine becomes a cluster, passes the smoke test, tells no secret and goes without a trace',
  async (t) => {
    t.timeout(3_600_000);
    const image = await bakeFromDebian(t, ['--os', 'debian12', '--engine', 'mkosi']);
    const cluster = await createTestCluster(t, { name: NAME, image, rig: 'qemu' });
    try {
      await cluster.launch('--role', 'master,minion', '--count', '1', '--wait');
      const nodes = await cluster.kubectl('get', 'nodes', '--no-headers');
      t.regex(nodes, new RegExp(`^${NODE} +Ready .* v1\\.20\\.2$`));

      const elsewhere = { env: { XDG_STATE_HOME: '/nonexistent' } };
      const again = await launch(
        ['--role', 'master', '--cluster', NAME, '--image', image.folder, '--dry-run'],
        elsewhere,
      );
      t.regex(again.stderr, /The network namespace kiln-slow-single is there already/);
      const destroyed = await launch(['destroy', '--cluster', NAME, '--yes'], elsewhere);
      t.regex(destroyed.stderr, /The cluster slow-single that runs on this machine is that of /);
      t.deepEqual([again.exitCode, destroyed.exitCode], [2, 2]);

      const smoke = JSON.parse(await cluster.launch('smoke', '--json')) as SmokeReport;
      t.log(
        smoke.checks.map(
          ({ name, outcome, seconds, message }) => `${name}: ${outcome}, ${seconds} s: ${message}`,
        ),
      );
      t.is(smoke.outcome, 'passed');
      const skipped = smoke.checks.filter(({ outcome }) => outcome === 'skipped').map(({ name }) => name);
      // One node has no other to reach or to drain to, and no CoreDNS comes from the Debian archive.
      t.deepEqual(skipped.toSorted(), ['across-nodes', 'dns', 'drain']);

      t.deepEqual(await healthAnswers(cluster, NODE), ALL_WELL);
      t.deepEqual(await exposedKeys(cluster, NODE), []);

      const secrets = await clusterSecrets(cluster);
      t.true(secrets.length >= 6);
      const { found, control } = await findSecretsOnNode(cluster, NODE, secrets);
      t.true(control.length >= 6, 'the search finds secrets where they belong');
      t.deepEqual(found, []);
      t.deepEqual(await findSecretsOnHost(cluster, secrets), []);
      const userData = await cluster.onNode(NODE, 'cat /var/lib/cloud/instance/user-data.txt');
      t.true(userData.length <= 200);
      t.is(await cluster.onNode(NODE, 'systemctl --failed --no-legend --plain'), '');
    } finally {
      t.deepEqual(await cluster.destroy(), []);
    }
  },
);
