import { mkdtemp, readFile, readlink, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import test from 'ava';
import { execa } from 'execa';
import { dump, load } from 'js-yaml';
import { readLock } from '../../src/lock/read-lock.js';
import { repositoryPath } from '../../src/repository.js';
import type { UpdateResult } from '../../src/update/update-lock.js';
import { bake } from '../helpers/bake.js';
import { MIRROR } from '../helpers/baked-image.js';

/** The page's own commands, configuration and lock entry: what is shown is what is run. */
const page = await readFile(repositoryPath('docs', 'weekly.md'), 'utf8');
const pipeline = block('shell', 'bake update');
const config = load(block('yaml', 'os:')) as Record<string, unknown>;
const mainOnly = block('yaml', 'base:');

let folder: string;

test.before(async (t) => {
  t.timeout(1_800_000);
  const mirror = await bake(['fetch', '--source', 'debian', '--to', MIRROR]);
  t.is(mirror.exitCode, 0, mirror.stderr);
  folder = await mkdtemp(path.join(process.env.TMPDIR || '/var/tmp', 'kiln-weekly-'));
  await writeFile(path.join(folder, 'kiln.yaml'), dump({ ...config, mirror: MIRROR }));
});

test.after.always(async () => {
  await rm(folder, { recursive: true, force: true });
});

test.serial('the first week: Debian as it was released, without updates and security', async (t) => {
  t.timeout(1_800_000);
  const { artifacts, ...lock } = readLock(path.join(MIRROR, 'kiln.lock.yaml'));
  const text = `# The week's lock.\n${dump({ ...lock, artifacts })}${mainOnly}`;
  await writeFile(path.join(folder, 'kiln.lock.yaml'), text);
  const { update, image, summary } = await runPipeline();
  t.deepEqual(
    update.changes.map(({ name }) => name),
    ['base'],
  );
  t.regex(update.changes[0]?.after ?? '', / of 20\d\d-\d\d-\d\d$/);
  t.true((await readFile(path.join(folder, 'kiln.lock.yaml'), 'utf8')).startsWith("# The week's lock.\n"));
  t.false(image.unchanged);
  t.is(await published(), image.folder);
  t.regex(await readFile(path.join(folder, 'test.txt'), 'utf8'), /\b0 failed/);
  t.regex(summary, /^First image: debian12-/);
});

test.serial('the second week: the archive as it is now, and the summary names what changed', async (t) => {
  t.timeout(1_800_000);
  const before = await published();
  const file = path.join(folder, 'kiln.lock.yaml');
  const lock = await readFile(file, 'utf8');
  const named = / {2}archives:\n( {4}.*\n)+/;
  t.regex(lock, named);
  await writeFile(file, lock.replace(named, ''));
  const { update, image, summary } = await runPipeline();
  t.like(update.changes[0], { name: 'base' });
  t.false(image.unchanged);
  t.not(image.folder, before);
  t.is(await published(), image.folder);
  const changed = await changedPackages(before, image.folder);
  t.true(changed.length > 0, 'Debian has had no update since its point release');
  for (const { name, before: old, after } of changed)
    t.true(summary.includes(`| ${name} | ${old} | ${after} |`), name);
  t.log(
    `${changed.length} packages, among them ${changed
      .slice(0, 3)
      .map(({ name }) => name)
      .join(', ')}`,
  );
});

test.serial('the third week: nothing is newer, so nothing is baked', async (t) => {
  const started = Date.now();
  const before = await published();
  const { update, image, summary } = await runPipeline();
  t.false(update.changed);
  t.false(update.written);
  t.true(image.unchanged);
  t.is(await published(), before);
  t.regex(summary, /^Nothing is newer/);
  t.true(Date.now() - started < 15_000, `${Date.now() - started} ms`);
});

async function runPipeline(): Promise<{
  update: UpdateResult;
  image: { folder: string; unchanged: boolean };
  summary: string;
}> {
  const env = {
    PATH: `${repositoryPath('bin')}:${process.env.PATH}`,
    TEST: '--rig uml --role minion',
  };
  const result = await execa('sh', ['-euc', pipeline], { cwd: folder, env, reject: false, stdin: 'ignore' });
  if (result.exitCode !== 0) throw new Error(result.stderr);
  const read = async (name: string): Promise<string> => readFile(path.join(folder, name), 'utf8');
  return {
    update: JSON.parse(await read('update.json')) as UpdateResult,
    image: JSON.parse(await read('image.json')) as { folder: string; unchanged: boolean },
    summary: await read('summary.md'),
  };
}

function published(): Promise<string> {
  return readlink(path.join(folder, 'published'));
}

/** From the two manifests themselves, not by the code under test. */
async function changedPackages(before: string, after: string) {
  const versions = async (image: string): Promise<Map<string, string>> => {
    const manifest = JSON.parse(await readFile(path.join(image, 'manifest.json'), 'utf8')) as {
      packages: { name: string; version: string }[];
    };
    return new Map(manifest.packages.map(({ name, version }) => [name, version]));
  };
  const [left, right] = [await versions(before), await versions(after)];
  return [...left].flatMap(([name, old]) => {
    const now = right.get(name);
    return now === undefined || now === old ? [] : [{ name, before: old, after: now }];
  });
}

function block(language: string, start: string): string {
  const blocks = [...page.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)];
  const found = blocks.find(([, name, body]) => name === language && body?.startsWith(start));
  if (found?.[2] === undefined)
    throw new RangeError(`docs/weekly.md has no ${language} block that begins with ${start}`);
  return found[2];
}
