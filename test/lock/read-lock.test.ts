import { readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { pinsSchema } from '../../src/catalog/components.js';
import { listKubernetes, loadKubernetes } from '../../src/catalog/load-catalog.js';
import { readYaml } from '../../src/catalog/read-yaml.js';
import { KilnError } from '../../src/errors.js';
import { amiBaseSchema, archiveBaseSchema, lockedArtifactSchema, lockSchema } from '../../src/lock/lock.js';
import { readLock } from '../../src/lock/read-lock.js';
import { repositoryPath } from '../../src/repository.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';

/** What Packer would evaluate. */
const HCL = ['$', '{file("/etc/hostname")}'].join('');
const DIGEST = `sha256:${'0'.repeat(64)}`;

function lockFile(text: string): string {
  const file = path.join(temporaryFolder(), 'kiln.lock.yaml');
  writeFileSync(file, text);
  return file;
}

/** The message of the error, with the folder taken out. */
function problems(t: ExecutionContext, file: string): string {
  const error = t.throws(() => readLock(file), { instanceOf: KilnError, code: 'LOCK_INVALID' });
  return (error?.message ?? '').replaceAll(path.dirname(file), '.');
}

test('every problem of a corrupt lock is told at once, with line and column', (t) => {
  const file = lockFile(`# comment
version: 2
source: upstream
kubernetes: 1.29.15
artifacts:
  - name: runc
    version: 1.3.6
    arch: amd64
    kind: file
    url: https://example.org/runc
    digest: sha256:abc
    source: somewhere
  - { name: etcd, version: "3.5", arch: mips, kind: tar, url: not a url, digest: "${DIGEST}", source: here }
  - name: kubelet
    version: v1
    arch: amd64
    kind: file
    url: https://example.org/kubelet
    digest: ${DIGEST}
color: red
`);
  t.is(
    problems(t, file),
    `./kiln.lock.yaml is not valid:
  ./kiln.lock.yaml:2:1: version: Invalid input: expected 1
  ./kiln.lock.yaml:11:5: artifacts[0].digest: expected sha256:<64 hex> or sha512:<128 hex>
  ./kiln.lock.yaml:13:35: artifacts[1].arch: Invalid option: expected one of "amd64"|"arm64"
  ./kiln.lock.yaml:13:58: artifacts[1].url: Invalid URL
  ./kiln.lock.yaml:14:5: artifacts[2].source: Invalid input: expected string, received undefined
  ./kiln.lock.yaml:20:1: color: unknown key`,
  );
});

test('broken YAML is told with line and column', (t) => {
  t.regex(problems(t, lockFile('version: 1\nartifacts: [a, b\nsource: x\n')), /kiln\.lock\.yaml:\d+:\d+: .+/);
});

test('an empty file lacks everything', (t) => {
  const text = problems(t, lockFile(''));
  for (const key of ['version', 'source', 'kubernetes', 'artifacts'])
    t.true(text.includes(`: ${key}: `), text);
});

test('a duplicate key is a problem, not a silent choice', (t) => {
  t.regex(problems(t, lockFile('version: 1\nversion: 1\n')), /kiln\.lock\.yaml:2:1: .*duplicat/i);
});

test('binary rubbish is a clear error', (t) => {
  t.regex(problems(t, lockFile('\u0000\u0001PK')), /^\.\/kiln\.lock\.yaml is not valid:\n {2}\.\/kiln/);
});

test('a file that cannot be read says why', (t) => {
  const missing = path.join(temporaryFolder(), 'kiln.lock.yaml');
  t.is(problems(t, missing), 'Cannot read ./kiln.lock.yaml: no such file or directory');
  const folder = temporaryFolder();
  t.is(
    problems(t, path.join(folder, '.')),
    `Cannot read ${folder}: illegal operation on a directory`.replace(path.dirname(folder), '.'),
  );
});

test('every pin of the catalog fits the lock’s own rules', (t) => {
  const folder = repositoryPath('catalog', 'pins');
  const pins = readdirSync(folder).flatMap((file) => pinsSchema.parse(readYaml(`pins/${file}`)).pins);
  t.true(pins.length >= readdirSync(folder).length);
  for (const { arch, trust: _, note: __, ...pin } of pins) {
    const artifact = { ...pin, arch: arch === 'index' ? 'amd64' : arch };
    t.notThrows(() => lockedArtifactSchema.parse(artifact), `${pin.name} ${pin.version}`);
  }
  for (const minor of listKubernetes()) {
    const { version } = loadKubernetes(minor);
    t.notThrows(() => lockSchema.shape.kubernetes.parse(version), version);
  }
  for (const version of ['1.36.4', '1.37.0-rc.1', '1.20.2'])
    t.true(lockSchema.shape.kubernetes.safeParse(version).success, version);
});

test('what would mean more than a version, a name or a place elsewhere is refused', (t) => {
  const { kubernetes } = lockSchema.shape;
  const bad = [`1.36.4-${HCL}`, '1.36', 'v1.36.4', '1.36.4-', '/../', '1.36.4/../..', '1.36.4\n', ''];
  for (const text of bad) t.false(kubernetes.safeParse(text).success, text);
  const { name, version } = lockedArtifactSchema.shape;
  for (const text of ['../runc', '/runc', 'runc/', 'a//b', 'a/../b', 'runc\n', HCL, 'Runc', '', 'a"b'])
    t.false(name.safeParse(text).success, text);
  for (const text of ['../1', '1/2', `1.3.6-${HCL}`, '1.3.6"', '1.3.6 ', '1.3.6\n', 'latest', ''])
    t.false(version.safeParse(text).success, text);
  const ami = {
    kind: 'ami',
    owner: '136693071363',
    name: 'debian-12',
    region: 'eu-west-1',
    id: 'ami-0123456789abcdef0',
    source: 'x',
  };
  for (const region of ['eusc-de-east-1', 'us-gov-west-1', 'us-iso-east-1', 'us-east-1'])
    t.true(amiBaseSchema.safeParse({ ...ami, region }).success, region);
  for (const { name: real, region } of [
    { name: 'ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-amd64-server-20260705', region: 'us-gov-west-1' },
    { name: 'AlmaLinux OS 9.8 (20260526) x86_64', region: 'ap-southeast-2' },
  ])
    t.true(amiBaseSchema.safeParse({ ...ami, name: real, region }).success, real);
  for (const change of [
    { name: `a${HCL}` },
    { name: 'a"b' },
    { name: "a'b" },
    { name: 'a\nb' },
    { name: '' },
    { region: 'eu-west-1/../x' },
    { region: 'eu-west-1a' },
    { region: 'eu-west-100' },
    { region: 'eu-west-1\n' },
    { region: '' },
    { id: 'ami-x' },
    { owner: '12345' },
    { owner: '136693071363\n' },
  ])
    t.false(amiBaseSchema.safeParse({ ...ami, ...change }).success, JSON.stringify(change));
  const archive = { kind: 'archive', url: 'http://deb.debian.org/debian', source: 'x' };
  for (const suite of ['bookworm', 'bookworm-security', 'buster/updates'])
    t.true(archiveBaseSchema.safeParse({ ...archive, suite }).success, suite);
  for (const suite of ['../x', 'a/../b', 'a b', 'a\nb', '-x', ''])
    t.false(archiveBaseSchema.safeParse({ ...archive, suite }).success, suite);
});
