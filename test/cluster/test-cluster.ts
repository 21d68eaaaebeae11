import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { ExecutionContext } from 'ava';
import { execa } from 'execa';
import { createGate } from '../../src/gate/gate.js';
import { findKubectl } from '../../src/launch/smoke/find-kubectl.js';
import type { Cluster, LocalRig } from '../../src/launch/types.js';
import { killNode } from '../../src/providers/local/local-provider.js';
import { repositoryPath } from '../../src/repository.js';
import type { BakedImage } from '../helpers/baked-image.js';

/** What kubectl says when it could not find out what the API server serves, on a slow machine: nothing was asked of it yet. */
const NOT_ASKED = /doesn't have a resource type|TLS handshake timeout|i\/o timeout|context deadline exceeded/;
const TRIES = 5;

/** A cluster launched with the real command, in a state folder of its own. */
export interface TestCluster {
  /** The cluster's folder. */
  folder: string;
  /** Runs `launch …` for this cluster; its standard output. Throws with what it said when it fails. */
  launch(...args: string[]): Promise<string>;
  kubectl(...args: string[]): Promise<string>;
  /** Runs a POSIX sh script as root on a node; it is given on standard input, so no argument shows it. */
  onNode(node: string, script: string): Promise<string>;
  /** Ends a node's machine as a power cut does. */
  cutPower(node: string): Promise<void>;
  /** Ends everything; what is left of it on this machine afterwards. */
  destroy(): Promise<string[]>;
}

/** Nothing is launched yet. `image` is what its nodes will boot. */
export async function createTestCluster(
  t: ExecutionContext,
  { name, image, rig }: { name: string; image: BakedImage; rig: LocalRig },
): Promise<TestCluster> {
  const state = await mkdtemp(path.join(tmpdir(), 'kiln-state-'));
  const folder = path.join(state, 'kiln', 'clusters', name);
  const kubectl = await findKubectl({ gate: createGate({}), plan: image.plan, environment: {} });
  const env = { XDG_STATE_HOME: state };

  async function launch(args: readonly string[], input = ''): Promise<string> {
    const result = await execa(repositoryPath('bin', 'launch'), args, { reject: false, input, env });
    if (result.exitCode !== 0) {
      throw new Error(
        `launch ${args.join(' ')} ended with ${result.exitCode}\n${result.stderr.slice(-3000)}`,
      );
    }
    return result.stdout;
  }

  return {
    folder,
    async launch(verb = '', ...args) {
      const founding = verb.startsWith('--') ? ['--image', image.folder, '--rig', rig] : [];
      t.log(`${new Date().toISOString()} launch ${verb} ${args.join(' ')}`);
      return await launch([verb, ...args, '--cluster', name, ...founding]);
    },
    async kubectl(...args) {
      const words = [`--kubeconfig=${path.join(folder, 'kubeconfig')}`, '--request-timeout=120s', ...args];
      for (let tries = 1; ; tries++) {
        const { exitCode, stdout, stderr } = await execa(kubectl, words, { reject: false });
        if (exitCode === 0) return stdout;
        if (tries === TRIES || !NOT_ASKED.test(stderr))
          throw new Error(`kubectl ${args.join(' ')}: ${stderr}`);
        t.log(`${new Date().toISOString()} kubectl again: ${stderr}`);
      }
    },
    async onNode(node, script) {
      return await launch(['console', node, '--cluster', name, '--', 'sudo', 'sh', '-s'], script);
    },
    async cutPower(node) {
      t.log(`${new Date().toISOString()} power cut: ${node}`);
      const cluster = JSON.parse(await readFile(path.join(folder, 'cluster.json'), 'utf8')) as Cluster;
      await killNode({ gate: createGate({}), folder, cluster, node });
    },
    async destroy() {
      await launch(['destroy', '--cluster', name, '--yes']);
      const left = await leftovers(state, name);
      await rm(state, { recursive: true, force: true });
      return left;
    },
  };
}

/** Processes that name the state folder, and the cluster's network namespace. */
async function leftovers(state: string, name: string): Promise<string[]> {
  const { stdout: processes } = await execa('ps', ['-eo', 'args']);
  const { stdout: namespaces } = await execa('ip', ['netns', 'list']);
  return [
    ...processes.split('\n').filter((line) => line.includes(state)),
    ...namespaces.split('\n').filter((line) => line.split(' ')[0] === `kiln-${name}`),
  ];
}
