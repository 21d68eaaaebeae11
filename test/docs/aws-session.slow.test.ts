import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'ava';
import { repositoryPath } from '../../src/repository.js';
import { launch } from '../helpers/launch.js';
import { endInstance } from '../providers/aws/fake/account.js';
import { everything, furnish, living } from '../providers/aws/fake/furnish.js';
import { type FakeAws, startFakeAws } from '../providers/aws/fake/start-fake-aws.js';

const page = readFileSync(repositoryPath('docs/aws.md'), 'utf8');
const CONSOLE = 'kube-role: roles master of cluster demo\r\nkube-identity: waiting for an identity\r\n';

/** What the page shows, in its order: commands with what they print, and nodes that end in between. */
const STEPS = [...page.matchAll(/<!-- ends: (\S+) -->|^```console\n([\s\S]*?)^```$/gm)].flatMap(
  ([, ends, block]): ({ ends: string } | { words: string[]; output: string })[] =>
    ends !== undefined
      ? [{ ends }]
      : (block ?? '')
          .split(/^\$ launch /m)
          .slice(1)
          .map((text) => {
            const [command = '', ...lines] = text.trimEnd().split('\n');
            return { words: command.split(' '), output: lines.join('\n') };
          }),
);

test('what docs/aws.md shows is what happens', async (t) => {
  const fake = await startFakeAws(t);
  furnish(fake.account);
  const cwd = mkdtempSync(path.join(tmpdir(), 'kiln-docs-aws-'));
  const [, config = ''] = /^```yaml\n([\s\S]*?)^```$/m.exec(page) ?? [];
  writeFileSync(path.join(cwd, 'kiln.yaml'), config);
  const { AWS_REGION: _, ...env } = fake.env;
  for (const step of STEPS) {
    if ('ends' in step) {
      end(fake, step.ends);
      continue;
    }
    const { exitCode, stdout, stderr } = await launch(step.words, { cwd, env });
    const [told = ''] = /^launch: [\s\S]*/m.exec(stderr) ?? [];
    t.deepEqual(normal(exitCode === 0 ? stdout : told), normal(step.output), step.words.join(' '));
    settle(fake);
  }
  t.deepEqual(everything(fake.account), []);
  t.true(STEPS.length > 10);
});

/** A machine that failed; AWS shows it some time later. */
function end({ account }: FakeAws, name: string): void {
  const node = living(account).find(({ tags }) => tags.Name === name);
  if (node === undefined) throw new Error(`${name} is not there`);
  endInstance(account, node, { code: 'Server.InternalError', reason: 'Internal error on launch' });
  account.describes += 5;
}

/** Time passes: what was launched runs, and has said something. */
function settle({ account }: FakeAws): void {
  account.describes += 5;
  for (const { id } of living(account)) account.consoles.set(id, CONSOLE);
}

/** Without what differs from run to run: ids, addresses, ages, the width of columns, the order of nodes of one name. */
function normal(text: string): string[] {
  return text
    .replaceAll(/\b(i|lt|vol|eni)-[0-9a-f]{17}\b/g, '$1-…')
    .replaceAll(/\b10\.0\.\d+\.\d+\b/g, 'address')
    .replaceAll(/\b\d+[smh]\b/g, 'age')
    .split('\n')
    .map((line) => line.replaceAll(/ +/g, ' ').trim())
    .filter((line) => line !== '')
    .sort();
}
