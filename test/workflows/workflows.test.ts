import { readdirSync, readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { data, Evaluator, Lexer, Parser } from '@actions/expressions';
import test from 'ava';
import { execa } from 'execa';
import { load } from 'js-yaml';
import { createLaunchProgram } from '../../src/cli/launch-program.js';
import { createProgram } from '../../src/cli/program.js';
import { repositoryPath } from '../../src/repository.js';

interface Step {
  name?: string;
  uses?: string;
  run?: string;
  env?: Record<string, string>;
}

interface Job {
  steps: Step[];
  if?: string;
  permissions?: Record<string, string>;
  'timeout-minutes'?: number;
  'runs-on': string;
}

interface Workflow {
  permissions?: Record<string, string>;
  jobs: Record<string, Job>;
}

/** Rights that a job of this workflow may have beyond reading; whatever is not here is refused. */
const WRITES: Readonly<Record<string, readonly string[]>> = {
  'weekly.yml aws': ['id-token'],
  'weekly.yml report': ['issues'],
};

// biome-ignore lint/suspicious/noTemplateCurlyInString: an expression of GitHub's, not of this language
const TOKEN = '${{ github.token }}';

const folder = repositoryPath('.github', 'workflows');
const files = readdirSync(folder).filter((name) => /\.ya?ml$/.test(name));

test('both workflows are there', (t) => {
  t.deepEqual(files.sort(), ['ci.yml', 'weekly.yml']);
});

for (const name of files) {
  const text = readFileSync(`${folder}/${name}`, 'utf8');
  const workflow = load(text) as Workflow;
  const jobs = Object.entries(workflow.jobs);
  const steps = jobs.flatMap(([, job]) => job.steps);

  test(`${name} is a workflow that GitHub accepts`, async (t) => {
    t.deepEqual(await problemsOf(name, text), []);
  });

  test(`${name}: every action is pinned to a whole commit, its version beside it`, (t) => {
    const lines = text.split('\n').filter((line) => /^\s*(- )?uses:/.test(line));
    t.is(lines.length, steps.filter(({ uses }) => uses !== undefined).length);
    const loose = lines.filter(
      (line) => !/uses: [\w.-]+\/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(line),
    );
    t.deepEqual(loose, []);
  });

  test(`${name}: one action, one commit`, (t) => {
    const pins = new Map<string, Set<string>>();
    for (const { uses = '' } of steps) {
      const [action = '', commit = ''] = uses.split('@');
      pins.set(action, (pins.get(action) ?? new Set()).add(commit));
    }
    t.deepEqual(
      [...pins].filter(([, commits]) => commits.size > 1),
      [],
    );
  });

  test(`${name}: permissions are given, and writing only where it must be`, (t) => {
    t.not(workflow.permissions, undefined);
    for (const [job, { permissions = workflow.permissions ?? {} }] of jobs) {
      const writes = Object.entries(permissions).flatMap(([right, level]) =>
        level === 'read' ? [] : [right],
      );
      t.deepEqual(writes, [...(WRITES[`${name} ${job}`] ?? [])], job);
    }
  });

  test(`${name}: nothing of an event, and no expression at all, is pasted into a script`, (t) => {
    t.deepEqual(
      steps.filter(({ run }) => run?.includes('${{') === true),
      [],
    );
    t.notRegex(text, /pull_request_target|workflow_run/);
  });

  test(`${name}: every job ends by itself, and two runs do not meet`, (t) => {
    for (const [job, settings] of jobs) t.true((settings['timeout-minutes'] ?? 0) > 0, job);
    t.regex(text, /^concurrency:\n {2}group: /m);
  });

  test(`${name}: checkouts leave no token behind`, (t) => {
    const checkouts = text.match(/uses: actions\/checkout@.*\n +with:\n +persist-credentials: false/g) ?? [];
    t.is(checkouts.length, steps.filter(({ uses }) => uses?.startsWith('actions/checkout@')).length);
  });

  test(`${name}: shellcheck has nothing to say of its scripts`, async (t) => {
    for (const { run } of steps) {
      if (run === undefined) continue;
      // As GitHub runs `shell: bash`.
      const input = `#!/bin/bash\nset -eo pipefail\n${run}`;
      const { exitCode, stdout } = await execa('shellcheck', ['--shell', 'bash', '-'], {
        input,
        reject: false,
      });
      t.is(exitCode, 0, stdout);
    }
  });

  test(`${name}: every command of kiln is one that kiln understands`, (t) => {
    const commands = steps.flatMap(({ run = '' }) => kilnCommands(run));
    const verbs = new Set(commands.map((command) => command.split(' ')[1]));
    t.deepEqual([...verbs].sort(), name === 'weekly.yml' ? ['diff', 'image', 'plan', 'test', 'update'] : []);
    for (const command of commands) t.deepEqual(misunderstood(command), [], command);
  });
}

const weekly = load(readFileSync(`${folder}/weekly.yml`, 'utf8')) as Workflow;

test('whoever can start the weekly run elsewhere than on the default branch does not come near AWS', (t) => {
  const runs = (ref: string, role = 'arn:aws:iam::111122223333:role/kiln'): boolean =>
    isTrue(weekly.jobs.aws?.if, {
      vars: { KILN_AWS_ROLE: role },
      github: {
        ref,
        event_name: 'workflow_dispatch',
        event: { repository: { default_branch: 'main' } },
      },
    });
  t.true(runs('refs/heads/main'));
  t.false(runs('refs/heads/main', ''));
  for (const ref of ['refs/heads/other', 'refs/tags/main', 'refs/heads/main/other', 'main'])
    t.false(runs(ref), ref);
  // The event of a schedule has no repository.
  const scheduled = { ref: 'refs/heads/main', event_name: 'schedule', event: { schedule: '17 4 * * 1' } };
  t.true(isTrue(weekly.jobs.aws?.if, { vars: { KILN_AWS_ROLE: 'role' }, github: scheduled }));
  t.false(isTrue(weekly.jobs.aws?.if, { vars: { KILN_AWS_ROLE: '' }, github: scheduled }));
});

test('a job that failed, or hung until its time was up, is reported; one that was left out is not', (t) => {
  const reports = (...results: string[]): boolean =>
    isTrue(weekly.jobs.report?.if, {
      needs: Object.fromEntries(results.map((result, index) => [`job${index}`, { result }])),
    });
  t.true(reports('success', 'failure', 'skipped'));
  t.true(reports('success', 'cancelled', 'skipped'));
  t.true(reports('cancelled', 'skipped', 'skipped'));
  t.false(reports('success', 'success', 'skipped'));
  t.false(reports('success', 'success', 'success'));
  // Without it GitHub leaves a job out as soon as one it needs did not succeed.
  t.regex(weekly.jobs.report?.if ?? '', /always\(\)/);
});

test('whatever asks GitHub does so with the run’s own token, which may read', (t) => {
  for (const [job, { steps, permissions }] of Object.entries(weekly.jobs)) {
    for (const { run = '', env = {} } of steps) {
      if (!/bake update|^\s*gh /m.test(run)) continue;
      t.is(env.GH_TOKEN, TOKEN, job);
      if (run.includes('bake update')) t.is(permissions?.contents, 'read', job);
    }
  }
});

test('the checks see what is wrong', async (t) => {
  const text = readFileSync(`${folder}/weekly.yml`, 'utf8');
  const wrong: [string, string, RegExp][] = [
    ['needs: update', 'needs: updat', /unknown job 'updat'/],
    ['timeout-minutes: 5', 'timeout-minute: 5', /Unexpected value 'timeout-minute'/],
    ['vars.KILN_AWS_ROLE !=', 'var.KILN_AWS_ROLE !=', /Unrecognized named-value: 'var'/],
    ['issues: write', 'issues: writ', /Unexpected value 'writ'/],
  ];
  for (const [from, to, message] of wrong)
    t.regex((await problemsOf('weekly.yml', text.replace(from, to))).join('\n'), message);
  t.deepEqual(misunderstood('bake update --os x --chek'), ['--chek']);
  t.deepEqual(misunderstood('bake diff a b c'), ['c']);
  t.deepEqual(misunderstood('bake bananas'), ['bananas']);
  t.deepEqual(kilnCommands('a\nx=$(bin/bake plan --json | jq .id) && bin/launch list'), [
    'bake plan --json',
    'launch list',
  ]);
});

/** What GitHub's own evaluator makes of a job's `if:`. */
function isTrue(condition: string | undefined, contexts: Record<string, unknown>): boolean {
  const text = (condition ?? '').replace(/^\$\{\{|\}\}$/g, '');
  const always = { name: 'always', description: '', minArgs: 0, maxArgs: 0 };
  const { tokens } = new Lexer(text).lex();
  const expression = new Parser(tokens, Object.keys(contexts), [always]).parse();
  const functions = new Map([['always', { ...always, call: () => new data.BooleanData(true) }]]);
  const values = toData(contexts) as data.Dictionary;
  return new Evaluator(expression, values, functions).evaluate().coerceString() === 'true';
}

function toData(value: unknown): data.ExpressionData {
  if (typeof value !== 'object' || value === null) return new data.StringData(String(value));
  return new data.Dictionary(...Object.entries(value).map(([key, child]) => ({ key, value: toData(child) })));
}

/** What GitHub's own parser says of a workflow. */
async function problemsOf(name: string, content: string): Promise<string[]> {
  // The package imports its schema in a way that only bundlers take.
  const hooks = registerHooks({
    load(url, context, next) {
      if (!url.endsWith('.json')) return next(url, context);
      return next(url, { ...context, importAttributes: { type: 'json' } });
    },
  });
  const parser = await import('@actions/workflow-parser');
  hooks.deregister();
  const { context, value } = parser.parseWorkflow({ name, content }, new parser.NoOperationTraceWriter());
  if (value !== undefined) await parser.convertWorkflowTemplate(context, value);
  return context.errors.getErrors().map(({ message }) => message);
}

/** Each `bake …` and `launch …` of a script, up to what the shell takes for itself. */
function kilnCommands(script: string): string[] {
  return [...script.matchAll(/(?<![\w/-])bin\/((?:bake|launch) [^|><;&\n)]*)/g)].map(([, command = '']) =>
    command.trim().replaceAll(/"\$?[^"]*"/g, 'value'),
  );
}

/** Words of a command that the program would refuse; its option parser decides, and nothing is run. */
function misunderstood(command: string): string[] {
  const [name, verb = '', ...words] = command.split(/\s+/);
  const program = name === 'bake' ? createProgram() : createLaunchProgram();
  const found = program.commands.find((candidate) => candidate.name() === verb);
  if (found === undefined) return [verb];
  const { operands, unknown } = found.parseOptions(words);
  return [...unknown, ...operands.slice(found.registeredArguments.length)];
}
