import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { load } from 'js-yaml';
import { portsSchema, rootfsSchema, sysctlsSchema, usersSchema } from '../../src/catalog/node.js';
import { repositoryPath } from '../../src/repository.js';

const entries = rootfsSchema.parse(read('catalog/rootfs.yaml')).files;

test('the tables of the node fit their schemas', (t) => {
  t.notThrows(() => sysctlsSchema.parse(read('catalog/sysctls.yaml')));
  t.notThrows(() => portsSchema.parse(read('catalog/ports.yaml')));
  t.notThrows(() => usersSchema.parse(read('catalog/users.yaml')));
});

test('every file of rootfs and of cloud.cfg.d has exactly one entry, and every entry its file', (t) => {
  const sources = entries
    .filter(({ type = 'file' }) => type === 'file')
    .map(({ path: to, source }) => source ?? `rootfs${to}`)
    // A unit that only its timer starts is enabled by nobody, so it is listed as a file.
    .filter((source) => !source.startsWith('units/'));
  t.deepEqual(
    sources.toSorted(),
    [...filesBelow('rootfs'), ...filesBelow('cloudinit/cloud.cfg.d')].toSorted(),
  );
});

test('two entries for one path exclude each other', (t) => {
  const byPath = Map.groupBy(entries, (entry) => entry.path);
  for (const [to, same] of byPath) {
    if (same.length < 2) continue;
    const conditions = same.map(({ when }) => when ?? {});
    const byConfig = new Set(conditions.map(({ containerdConfig }) => containerdConfig));
    const byOs = conditions.some(({ os }) => conditions.some(({ notOs }) => notOs?.join() === os?.join()));
    t.true(byConfig.size === same.length || byOs, to);
  }
});

test('modes fit the content: scripts run, nothing else does, nothing is writable by others', (t) => {
  for (const { path: to, source, type = 'file', mode = '0644' } of entries) {
    t.is(Number.parseInt(mode, 8) & 0o022, 0, to);
    if (type !== 'file') continue;
    const file = repositoryPath(source ?? `rootfs${to}`);
    const runs = readFileSync(file, 'utf8').startsWith('#!') && to !== '/usr/libexec/kiln/weave-in-container';
    t.is(mode === '0755', runs, to);
    t.is((statSync(file).mode & 0o100) !== 0, runs, `${file} in the repository`);
  }
});

test('a template names its variables, a YAML base the keys it lacks', (t) => {
  for (const { path: to, source, render = 'literal', variables = [], sets = [] } of entries) {
    const file = source ?? `rootfs${to}`;
    t.is(render === 'template', file.endsWith('.hbs'), file);
    if (render === 'template') {
      const content = readFileSync(repositoryPath(file), 'utf8');
      const used = [...content.matchAll(/\{\{#?(?:if )?(\w+)\}\}/g)].map(([, name]) => name);
      t.deepEqual([...new Set(used)].toSorted(), variables.toSorted(), file);
    }
    if (render === 'yaml') {
      const base = read(file) as object;
      for (const key of sets) t.false(key in base, `${file}: ${key}`);
    }
  }
});

test('sysctl keys are spelt as systemd 219 reads them, each once', (t) => {
  const { sysctls } = sysctlsSchema.parse(read('catalog/sysctls.yaml'));
  for (const { key } of sysctls) t.regex(key, /^[a-z][a-z0-9_.-]*$/);
  t.is(new Set(sysctls.map(({ key }) => key)).size, sysctls.length);
});

function filesBelow(folder: string): string[] {
  return readdirSync(repositoryPath(folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(repositoryPath('.'), path.join(entry.parentPath, entry.name)));
}

function read(file: string): unknown {
  return load(readFileSync(repositoryPath(file), 'utf8'));
}
