import { readdirSync, readFileSync } from 'node:fs';
import test from 'ava';
import { load } from 'js-yaml';
import { type OperatingSystem, osSchema } from '../../src/catalog/os.js';
import { repositoryPath } from '../../src/repository.js';

const EXPECTED = [
  'al2023',
  'almalinux9',
  'centos7',
  'debian12',
  'debian13',
  'rocky10',
  'rocky8',
  'rocky9',
  'ubuntu2204',
  'ubuntu2404',
  'ubuntu2604',
];
/** Every need is answered, if only by an empty list: a missing key would install nothing without a word. */
const NEEDS = [
  [
    'boot',
    'cloud-init',
    'network',
    'ssh',
    'time',
    'conntrack',
    'socat',
    'iptables',
    'nft',
    'ipset',
    'ipvsadm',
  ],
  ['ebtables', 'ethtool', 'selinux', 'apparmor', 'load-balancer', 'tools'],
].flat();
const PACKAGE = { debian: /^[a-z0-9][a-z0-9.+-]+$/, redhat: /^[A-Za-z0-9][A-Za-z0-9._+-]*$/ };
const UNIT = /^[A-Za-z0-9@_.-]+\.(service|socket|timer|target|path)$/;
const TIME_CLIENTS = ['chrony', 'ntp', 'ntpsec', 'systemd-timesyncd'];
const SYSTEMD_SWAP_ARGUMENT = 246;
const CLOUD_INIT_ONE_PROCESS = '24.3';
/** The day the facts were gathered: what had ended by then needs an archive. */
const CATALOG_DATE = '2026-11-21';
const AMI_OWNERS: Record<string, string> = {
  al2023: '137112412989',
  almalinux9: '764336703387',
  centos7: '125523088429',
  rocky: '792107900819',
  debian: '136693071363',
  ubuntu: '099720109477',
};

const members = readdirSync(repositoryPath('catalog', 'os')).filter((file) => file.endsWith('.yaml'));

test('every operating system kiln names has a file', (t) => {
  t.deepEqual(members.map((file) => file.replace('.yaml', '')).sort(), EXPECTED);
});

for (const file of members) {
  const name = file.replace('.yaml', '');

  test(`${name}: valid, and called like its file`, (t) => {
    const result = osSchema.safeParse(readOs(file));
    t.true(result.success, result.error?.message);
    t.is(result.data?.name, name);
  });

  test(`${name}: family, package manager and distribution agree`, (t) => {
    const os = parseOs(file);
    const managers = os.family === 'debian' ? ['apt'] : ['yum', 'dnf'];
    t.true(managers.includes(os.packageManager));
    t.is(os.packageManager === 'yum', os.distribution.release === '7');
    t.is(os.distribution.codename !== undefined, os.family === 'debian', 'apt suites are called by codename');
    t.true(name.replaceAll(/\D/g, '').startsWith(os.distribution.release.replace('.', '')));
  });

  test(`${name}: packages are named, once, and never both wanted and removed`, (t) => {
    const os = parseOs(file);
    t.deepEqual(Object.keys(os.packages).sort(), NEEDS.toSorted());
    const wanted = Object.values(os.packages).flat();
    t.deepEqual(repeated(wanted), []);
    t.deepEqual(repeated(os.removedPackages), []);
    t.deepEqual(
      wanted.filter((entry) => os.removedPackages.includes(entry)),
      [],
    );
    for (const entry of [...wanted, ...os.removedPackages])
      t.regex(entry.replace('{arch}', 'amd64'), PACKAGE[os.family]);
    t.is(wanted.filter((entry) => TIME_CLIENTS.includes(entry)).length, 1, 'one time client');
  });

  test(`${name}: only an OS baked from its archive lists a kernel to boot`, (t) => {
    const os = parseOs(file);
    t.is(
      os.packages.boot?.some((entry) => entry.includes('linux-image')) ?? false,
      os.engines.includes('mkosi'),
    );
    t.true(os.engines.includes('packer'));
  });

  test(`${name}: units are well named, and none is both enabled and masked`, (t) => {
    const os = parseOs(file);
    const { haproxy, keepalived, ...always } = os.units;
    for (const unit of [...os.maskedUnits, ...os.enabledUnits, ...given(os.units)]) t.regex(unit, UNIT);
    t.deepEqual(repeated(os.maskedUnits), []);
    t.deepEqual(repeated(os.enabledUnits), []);
    t.deepEqual(
      os.enabledUnits.filter((unit) => os.maskedUnits.includes(unit)),
      [],
    );
    for (const unit of given(always)) t.true(os.enabledUnits.includes(unit), `${unit} is enabled`);
    const broker = os.family === 'redhat' && os.facts.systemd >= 252;
    t.is(
      os.enabledUnits.includes('dbus-broker.service'),
      broker,
      'a preset of its own must not lose the bus',
    );
    for (const unit of [haproxy, keepalived])
      t.false(os.enabledUnits.includes(unit), `${unit} is left to the lb role`);
    for (const unit of ['swap.target', 'nftables.service', 'systemd-firstboot.service'])
      t.true(os.maskedUnits.includes(unit));
  });

  test(`${name}: the network manager runs, and its wait is bounded`, (t) => {
    const os = parseOs(file);
    const { manager, resolvConf, waitOnline } = os.network;
    const unit = manager === 'network-scripts' ? 'network.service' : `${manager}.service`;
    t.true(os.enabledUnits.includes(unit));
    const resolved = os.enabledUnits.includes('systemd-resolved.service');
    t.is(resolvConf, resolved ? '/run/systemd/resolve/resolv.conf' : '/etc/resolv.conf');
    t.is(waitOnline === undefined, manager === 'network-scripts');
    if (waitOnline === undefined) return;
    t.true(os.enabledUnits.includes(waitOnline.unit));
    t.regex(waitOnline.command, /^\/usr\/\S+ .*--timeout=\d+/);
  });

  test(`${name}: facts go together`, (t) => {
    const { facts, ...os } = parseOs(file);
    const ordered = facts.systemd >= SYSTEMD_SWAP_ARGUMENT;
    t.is(os.kernelArguments.includes('systemd.swap=no'), ordered, 'known from systemd 246 on');
    t.true(
      os.kernelArguments.at(-1)?.startsWith('console=ttyS0') ||
        os.kernelArguments.includes('console=ttyS0,115200n8'),
    );
    t.is(facts.cgroup, facts.systemd >= 247 ? 'v2' : 'v1');
    t.is(facts.cgroupV2Argument !== undefined, facts.cgroup === 'v1' && facts.systemd >= 239);
    const oneProcess = atLeast(facts.cloudInit, CLOUD_INIT_ONE_PROCESS) && os.family === 'debian';
    t.is(os.units.cloudInitNetwork, oneProcess ? 'cloud-init-network.service' : 'cloud-init.service');
    const legacyModules = os.kernelModules.renamed.ip_tables === '';
    t.is(
      facts.iptablesBackend === 'none',
      legacyModules,
      'no iptables backend means its modules are said to be missing',
    );
    t.is(facts.iptablesBackend === 'none', (os.packages.network ?? []).includes('kernel-modules-extra'));
    t.is(facts.rootFilesystem, os.family === 'debian' ? 'ext4' : 'xfs');
  });

  test(`${name}: one security module, and a reason where SELinux is not enforcing`, (t) => {
    const { security, family, packages } = parseOs(file);
    t.is(security.apparmor, family === 'debian');
    t.is(security.selinux === 'absent', family === 'debian');
    t.is(security.reason !== undefined, security.selinux === 'permissive');
    t.is((packages.selinux ?? []).includes('container-selinux'), family === 'redhat');
  });

  test(`${name}: each architecture has an official image, with a digest or the reason why not`, (t) => {
    const os = parseOs(file);
    for (const arch of os.arches)
      t.true(os.images.some((image) => image.arch === arch && image.cpu !== 'x86-64-v4'));
    for (const image of os.images) {
      t.true(os.arches.includes(image.arch));
      t.regex(image.url, /^https:/);
      t.not(image.digest === undefined, image.noDigest === undefined, 'a digest or noDigest, not both');
      if (image.digest === undefined) continue;
      t.is(image.digest.length, image.digest.startsWith('sha256:') ? 71 : 135);
      t.notRegex(image.url, /latest/, 'a digest needs an address whose content stays');
    }
    const digests = os.images.flatMap((image) => image.digest ?? []);
    t.deepEqual(repeated(digests), []);
  });

  test(`${name}: the AMI is looked up under its distributor's account`, (t) => {
    const { ami, arches } = parseOs(file);
    t.is(ami.owner, AMI_OWNERS[name] ?? AMI_OWNERS[name.replaceAll(/\d/g, '')] ?? 'unknown distributor');
    t.is(ami.nameFilter.arm64 !== undefined, arches.includes('arm64'));
    for (const filter of given(ami.nameFilter)) t.regex(filter, /^[A-Za-z][^*]{5,}.*\*/);
    for (const parameter of given(ami.ssmParameter ?? {})) t.regex(parameter, /^\/aws\/service\/\S+$/);
  });

  test(`${name}: repositories are signed; without support they are pinned to an archive`, (t) => {
    const os = parseOs(file);
    for (const repository of os.repositories) {
      t.regex(repository.baseUrl, /^https:/);
      t.regex(repository.gpgKey, /^(file:\/\/\/|https:\/\/)/);
    }
    const ended = (os.endOfLife.extended ?? os.endOfLife.regular) < CATALOG_DATE;
    t.is(ended, name === 'centos7');
    t.is(os.repositories.length > 0, ended, 'mirrors of an ended distribution are gone');
    for (const { baseUrl } of os.repositories) t.regex(baseUrl, /vault|archive|snapshot/);
  });

  test(`${name}: the default Kubernetes is one the host can run`, (t) => {
    const { facts, kubernetes } = parseOs(file);
    const minor = Number(kubernetes.default.split('.')[1]);
    t.true(minor >= 20 && minor <= 37);
    t.true(facts.cgroup === 'v2' || minor < 35, 'cgroup v1 is refused by default from 1.35');
    t.true(facts.iptablesBackend !== 'none' || minor >= 36, 'nftables mode with nft 1.1 asks for 1.36');
  });
}

function readOs(file: string): unknown {
  return load(readFileSync(repositoryPath('catalog', 'os', file), 'utf8'));
}

function parseOs(file: string): OperatingSystem {
  return osSchema.parse(readOs(file));
}

function given(values: Record<string, string | undefined>): string[] {
  return Object.values(values).filter((value) => value !== undefined);
}

function repeated(names: readonly string[]): string[] {
  return names.filter((name, index) => names.indexOf(name) !== index);
}

function atLeast(version: string, floor: string): boolean {
  return version.localeCompare(floor, 'en', { numeric: true }) >= 0;
}
