import { readFileSync } from 'node:fs';
import { compareVersions } from '../../catalog/compare-versions.js';
import { loadOs } from '../../catalog/load-catalog.js';
import type { OperatingSystem } from '../../catalog/os.js';
import { KilnError } from '../../errors.js';
import type { Plan } from '../../plan/types.js';
import { AMI_ARCHITECTURES } from '../../providers/aws/newest-base.js';
import { type RenderedFile, renderTemplate, type TemplateRecord } from '../../render/render-template.js';
import { repositoryPath } from '../../repository.js';
import { renderImageList } from '../image-list.js';
import { forHcl } from './for-hcl.js';
import { builderOf, type PackerSettings, type PackerTarget, packerSettings } from './packer-settings.js';
import { renderRepositories } from './render-repositories.js';
import { tagValue } from './tag-value.js';

/** The first Packer that has builders as plugins, knows `required_plugins`, and with them IMDS and AMI settings. */
const FIRST_WITH_PLUGINS = '1.7.0';
const SCRIPTS = [
  'install-packages.sh',
  'apply-overlay.sh',
  'apply-kernel-arguments.sh',
  'finish-image.sh',
  'clean-traces.sh',
  'leave-builder.sh',
];
const MEBIBYTES_IN_GIBIBYTE = 1024;
/** AMI names take less than tags do: no `+`, for one. */
const NOT_IN_A_NAME = /[^\w.-]/g;

/**
 * The folder Packer builds from: templates, and under `inside/` what it uploads into the machine. Holds nothing of one
 * run (paths, keys, digests): those are variables. Pure.
 *
 * @param packerVersion decides what the templates may say: before 1.7.0 no plugins file and no IMDS settings.
 * @throws KilnError PAIR_REFUSED when the OS has no such image for the plan's architecture.
 */
export function renderPackerTemplates({
  plan,
  target,
  packerVersion,
}: {
  plan: Plan;
  target: PackerTarget;
  packerVersion: string;
}): RenderedFile[] {
  const os = loadOs(plan.spec.os);
  const settings = packerSettings();
  const builder = builderOf(target);
  const modern = hasPlugins(packerVersion);
  const source = target === 'aws' ? amazonRecord({ plan, os, settings, modern }) : qemuRecord(plan, settings);
  const files = [
    render(`${builder}.pkr.hcl`, source),
    render('build.pkr.hcl', buildRecord({ plan, os, settings, target })),
    ...(modern ? [render('plugins.pkr.hcl', { plugins: [settings.plugins[builder]] })] : []),
    ...insideFiles(plan, os),
  ];
  return files.sort((left, right) => (left.path < right.path ? -1 : 1));
}

/** Whether this Packer has its builders as plugins, to be fetched by `packer init`. */
export function hasPlugins(packerVersion: string): boolean {
  return compareVersions(packerVersion, FIRST_WITH_PLUGINS) >= 0;
}

function render(path: string, record: TemplateRecord): RenderedFile {
  return { path, content: renderTemplate(`packer/${path}.hbs`, forHcl(record)) };
}

function qemuRecord(plan: Plan, settings: PackerSettings): TemplateRecord {
  const { builderUser, overlaySerial, workFolder } = settings;
  const machine = settings.machine[plan.spec.arch];
  if (machine === undefined) throw noImage(plan, 'QEMU machine');
  return { machine, builderUser, overlaySerial, workFolder };
}

function amazonRecord({
  plan,
  os,
  settings,
  modern,
}: {
  plan: Plan;
  os: OperatingSystem;
  settings: PackerSettings;
  modern: boolean;
}): TemplateRecord {
  const { arch } = plan.spec;
  if (os.ami.nameFilter[arch] === undefined) throw noImage(plan, 'AMI');
  return {
    modern,
    amiName: amiName(plan),
    description: `Kubernetes ${plan.spec.kubernetes} on ${os.title}, by kiln`,
    owner: plan.base?.kind === 'ami' ? plan.base.owner : os.ami.owner,
    amiArchitecture: AMI_ARCHITECTURES[arch],
    sshTimeout: settings.sshTimeout,
    instanceType: settings.instanceType[arch],
    volumeSize: settings.diskMebibytes / MEBIBYTES_IN_GIBIBYTE,
    builderUser: os.ami.user,
    imageId: plan.id,
    os: tagValue(plan.spec.os),
    kubernetes: tagValue(plan.spec.kubernetes),
    network: tagValue(plan.spec.network),
    arch,
  };
}

/** Unique per plan: registering the same plan twice is refused by AWS itself instead of making a second image. */
export function amiName({ id, spec }: Plan): string {
  const digest = id.replace(/^sha256:/, '').slice(0, 12);
  const name = `kiln-${spec.os}-${spec.kubernetes}-${spec.network}-${spec.arch}-${digest}`;
  return name.replaceAll(NOT_IN_A_NAME, '_');
}

function buildRecord({
  plan,
  os,
  settings,
  target,
}: {
  plan: Plan;
  os: OperatingSystem;
  settings: PackerSettings;
  target: PackerTarget;
}): TemplateRecord {
  const { workFolder } = settings;
  const aws = target === 'aws';
  // A disk's builder hands the archive over as a disk: no copy, no encryption. A cloud machine gets it over SSH.
  const overlay = aws ? `${workFolder}/overlay.tar` : `/dev/disk/by-id/virtio-${settings.overlaySerial}`;
  return {
    builder: builderOf(target),
    builderUser: aws ? os.ami.user : settings.builderUser,
    workFolder,
    overlay,
    uploadsOverlay: aws,
    cleansInPlace: aws,
    packageManager: os.packageManager,
    kernelArguments: inSingleQuotes(plan.kernelArguments.join(' ')),
  };
}

/** For the shell, in whose single quotes the template puts it. */
function inSingleQuotes(text: string): string {
  return text.replaceAll("'", "'\\''");
}

function insideFiles(plan: Plan, os: OperatingSystem): RenderedFile[] {
  const scripts = SCRIPTS.map((name) => ({
    path: `inside/${name}`,
    content: readFileSync(repositoryPath('packer', 'scripts', name), 'utf8'),
    mode: '0755',
  }));
  return [
    ...scripts,
    { path: 'inside/packages.list', content: lines(plan.packages) },
    { path: 'inside/removed-packages.list', content: lines(plan.removedPackages) },
    ...[renderImageList(plan)].map((file) => ({ ...file, path: `inside/${file.path}` })),
    ...renderRepositories(os),
  ];
}

function lines(values: readonly string[]): string {
  return values.map((value) => `${value}\n`).join('');
}

function noImage(plan: Plan, what: string): KilnError {
  return new KilnError(
    'PAIR_REFUSED',
    `The Packer engine has no ${what} for ${plan.spec.os} on ${plan.spec.arch}`,
    {
      hint: 'Choose another --arch, or --engine mkosi where the OS allows it.',
    },
  );
}
