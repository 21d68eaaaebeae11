import { existsSync, mkdtempSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { launch } from '../helpers/launch.js';
import { NO_STACK } from '../helpers/no-stack.js';
import { aCluster } from '../launch/a-cluster.js';
import { stateWith, work } from './launch-work.js';

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
