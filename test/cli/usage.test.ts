import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'ava';
import { createProgram } from '../../src/cli/program.js';
import { bake } from '../helpers/bake.js';
import { NO_STACK } from '../helpers/no-stack.js';

const folder = mkdtempSync(path.join(tmpdir(), 'kiln-usage-'));

interface Case {
  args: string[];
  exitCode: number;
  says: RegExp;
}

const REFUSALS: Record<string, Case> = {
  'an unknown OS, with the nearest name': {
    args: ['plan', '--os', 'debain12'],
    exitCode: 2,
    says: /did you mean debian12\?/,
  },
  'an unknown Kubernetes minor': {
    args: ['plan', '--os', 'debian12', '--kubernetes', '1.99'],
    exitCode: 2,
    says: /Unknown Kubernetes minor "1\.99"/,
  },
  'a patch release without pins': {
    args: ['plan', '--os', 'debian12', '--kubernetes', '1.36.99'],
    exitCode: 2,
    says: /No digest is known for \d+ of the artifacts:\n {2}kube-apiserver 1\.36\.99/,
  },
  'an unknown network': {
    args: ['plan', '--os', 'debian12', '--network', 'flanel'],
    exitCode: 2,
    says: /did you mean flannel\?/,
  },
  'no OS at all': { args: ['plan'], exitCode: 2, says: /No operating system given\n.*--os NAME/ },
  'an unknown option': {
    args: ['plan', '--oss', 'debian12'],
    exitCode: 2,
    says: /unknown option '--oss'\n\(Did you mean --os\?\)/,
  },
  'an unknown verb': {
    args: ['imag'],
    exitCode: 2,
    says: /unknown command 'imag'\n\(Did you mean image\?\)/,
  },
  'an unknown architecture': {
    args: ['plan', '--os', 'debian12', '--arch', 'sparc'],
    exitCode: 2,
    says: /Allowed choices are amd64, arm64/,
  },
  'a refused pair': {
    args: ['image', '--os', 'centos7', '--kubernetes', '1.35'],
    exitCode: 2,
    says: /refused: kubelet 1\.35 does not start on cgroup v1/,
  },
  'an engine that cannot serve': {
    args: ['image', '--os', 'centos7', '--engine', 'mkosi'],
    exitCode: 2,
    says: /Engine mkosi cannot build CentOS.*\n.*--engine packer/,
  },
  'a lock that is not there': {
    args: ['plan', '--os', 'debian12', '--lock', '/nonexistent.yaml'],
    exitCode: 2,
    says: /Cannot read \/nonexistent\.yaml/,
  },
  'an unknown list': {
    args: ['list', 'oses'],
    exitCode: 2,
    says: /One of: os, kubernetes, networks, roles, images/,
  },
  'a folder that is no image': { args: ['test', folder], exitCode: 1, says: /is not an image kiln baked/ },
};

for (const [title, { args, exitCode, says }] of Object.entries(REFUSALS)) {
  test(`refuses ${title}`, async (t) => {
    const result = await bake(args, { cwd: folder });
    t.is(result.exitCode, exitCode, result.stderr);
    t.regex(result.stderr, says);
    t.regex(result.stderr, NO_STACK);
    t.is(result.stdout, '');
  });
}

test('an output folder that cannot be made is refused before anything is fetched', async (t) => {
  const file = path.join(folder, 'a-file');
  writeFileSync(file, '');
  const result = await bake(['image', '--os', 'debian12', '--out', path.join(file, 'out')]);
  t.is(result.exitCode, 2);
  t.regex(result.stderr, /Cannot write to .*a-file\/out: .*ENOTDIR/);
  t.regex(result.stderr, NO_STACK);
});

test('tells every mistake in kiln.yaml at once, with line and column', async (t) => {
  const file = path.join(folder, 'bad.yaml');
  writeFileSync(file, 'os: debian12\npodCidr: 10.0.0.0\nnetwrk: flannel\nengine: docker\n');
  const result = await bake(['plan', '--config', file]);
  t.is(result.exitCode, 2);
  t.regex(result.stderr, /bad\.yaml:2:1: podCidr/);
  t.regex(result.stderr, /bad\.yaml:3:1: .*netwrk/);
  t.regex(result.stderr, /bad\.yaml:4:1: engine/);
});

test('tells every mistake in a corrupt lock at once', async (t) => {
  const file = path.join(folder, 'corrupt.yaml');
  writeFileSync(
    file,
    'version: 1\nsource: upstream\nkubernetes: 1.29.15\nartifacts:\n  - name: etcd\n    digest: sha256:12\n',
  );
  const result = await bake(['plan', '--os', 'debian12', '--lock', file]);
  t.is(result.exitCode, 2);
  t.regex(result.stderr, /corrupt\.yaml:6:5: artifacts\[0\]\.digest/);
  t.regex(result.stderr, /artifacts\[0\]\.url/);
});

test('the help that the build wrote is the help of the program', async (t) => {
  const program = createProgram();
  t.is((await bake(['--help'])).stdout, program.helpInformation().trimEnd());
  for (const command of program.commands) {
    t.is((await bake([command.name(), '-h'])).stdout, command.helpInformation().trimEnd());
  }
});

test('--help names every verb and loads no cloud client, template engine or YAML', async (t) => {
  const result = await bake(['--help'], { env: { NODE_DEBUG: 'esm' } });
  t.is(result.exitCode, 0);
  for (const verb of [
    'image',
    'plan',
    'render',
    'lint',
    'fetch',
    'base',
    'test',
    'launch',
    'list',
    'doctor',
  ]) {
    t.regex(result.stdout, new RegExp(`^ {2}${verb} `, 'm'));
  }
  for (const heavy of ['@aws-sdk', 'handlebars', 'js-yaml', 'execa', 'zod'])
    t.notRegex(result.stderr, new RegExp(`node_modules/${heavy}/`));
});
