import { readFileSync } from 'node:fs';
import { loadOs } from '../../catalog/load-catalog.js';
import type { OperatingSystem } from '../../catalog/os.js';
import { KilnError } from '../../errors.js';
import { compareText } from '../../plan/canonical-json.js';
import type { Plan } from '../../plan/types.js';
import type { RenderedFile } from '../../render/render-template.js';
import { SOURCE_DATE_EPOCH } from '../../render/write-overlay.js';
import { repositoryPath } from '../../repository.js';
import { renderImageList } from '../image-list.js';
import { type Archive, archivesOf, loadMkosiFacts, type MkosiFacts } from './mkosi-facts.js';
import { PLACES } from './places.js';

const ARCHITECTURES = { amd64: 'x86-64', arm64: 'arm64' } as const;
const SCRIPTS = ['finish-image.sh', 'clean-traces.sh'];
/** One kernel, one initrd: mkosi would put all it finds into every kernel. Its folders in /dev and /proc are there. */
const MAKE_INITRD = `set -- /usr/lib/modules/*
[ $# = 1 ] || { echo "one kernel is expected, there are: $*" >&2; exit 1; }
mkdir -p "$ARTIFACTDIR/io.mkosi.initrd"
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH} mkinitramfs -o "$ARTIFACTDIR/io.mkosi.initrd/initrd" "\${1##*/}"`;
const SOURCES = 'mkosi.sandbox/etc/apt/sources.list.d/mkosi.sources';

/**
 * The folder mkosi builds from: its configuration, the partitions, the package archives and the scripts that finish the
 * image. Pure; the paths in it are those the engine gives mkosi inside the toolbox.
 *
 * @throws KilnError PAIR_REFUSED for an OS mkosi does not serve.
 */
export function renderMkosiConfig({ plan }: { plan: Plan }): RenderedFile[] {
  const os = loadOs(plan.spec.os);
  const facts = loadMkosiFacts();
  const { id, codename } = os.distribution;
  if (!os.engines.includes('mkosi') || codename === undefined) throw refused(os);
  const keyring = facts.keyrings[id];
  const archives = archivesOf({ os, base: plan.base });
  if (keyring === undefined) throw refused(os);
  const files = [
    { path: 'mkosi.conf', content: mainConfig({ plan, os, codename, archive: archives[0]?.url ?? '' }) },
    ...partitions(facts),
    { path: SOURCES, content: archives.map((archive) => aptSource(archive, keyring)).join('\n') },
    ...finishFiles(plan),
  ];
  return files.sort((left, right) => compareText(left.path, right.path));
}

function mainConfig({
  plan,
  os,
  codename,
  archive,
}: {
  plan: Plan;
  os: OperatingSystem;
  codename: string;
  archive: string;
}): string {
  const boot = (os.packages.boot ?? []).map((name) => name.replaceAll('{arch}', plan.spec.arch));
  const packages = [...new Set([...plan.packages, ...boot])].sort(compareText);
  return ini({
    Distribution: {
      Distribution: os.distribution.id,
      Release: codename,
      Architecture: ARCHITECTURES[plan.spec.arch],
      Mirror: archive,
    },
    Output: {
      Format: 'disk',
      Output: 'disk',
      OutputDirectory: PLACES.output,
      CompressOutput: 'no',
      ManifestFormat: '',
      Seed: seedOf(plan.id),
    },
    Content: {
      Bootable: 'yes',
      Bootloader: 'systemd-boot',
      UnifiedKernelImages: 'yes',
      // The distribution's own initrd, made by `finish.chroot`; mkosi's, with a whole systemd, costs half of the boot.
      KernelModulesInitrd: 'no',
      KernelCommandLine: ['root=LABEL=root', 'rw', ...plan.kernelArguments].join(' '),
      SourceDateEpoch: String(SOURCE_DATE_EPOCH),
      WithDocs: 'no',
      WithRecommends: 'no',
      CleanPackageMetadata: 'no',
      ExtraTrees: `${PLACES.overlay}:/`,
      FinalizeScripts: 'finish.chroot',
      Packages: packages,
    },
    Build: {
      BuildSources: PLACES.config,
      CacheDirectory: PLACES.cache,
      PackageCacheDirectory: PLACES.packages,
      WorkspaceDirectory: PLACES.workspace,
      // Without a seed of its own mkfs draws one; the rest are systemd-repart's options, which a second -E replaces.
      Environment: `"SYSTEMD_REPART_MKFS_OPTIONS_EXT4=-E nodiscard,lazy_itable_init=1,hash_seed=${seedOf(plan.id)}"`,
      Incremental: 'yes',
      History: 'no',
    },
  });
}

/** GPT: the EFI system partition with boot loader and unified kernel, then the root, last so that it can grow. */
function partitions({ disk }: MkosiFacts): RenderedFile[] {
  const esp = {
    Type: 'esp',
    Format: 'vfat',
    Label: 'esp',
    CopyFiles: ['/boot:/', '/efi:/'],
    SizeMinBytes: `${disk.espMebibytes}M`,
    SizeMaxBytes: `${disk.espMebibytes}M`,
  };
  const root = {
    Type: 'root',
    Format: 'ext4',
    Label: 'root',
    CopyFiles: '/',
    // Mount points of mkosi's scripts. Not /init: systemd-repart follows links, and would leave out systemd itself.
    ExcludeFiles: '/work',
    SizeMinBytes: `${disk.rootMebibytes}M`,
  };
  return [
    { path: 'mkosi.repart/00-esp.conf', content: ini({ Partition: esp }, 'repeat') },
    { path: 'mkosi.repart/10-root.conf', content: ini({ Partition: root }, 'repeat') },
  ];
}

/** A file of this name replaces mkosi's own list, which has archives that mirrors lack. */
function aptSource({ url, suites, components }: Archive, keyring: string): string {
  const fields = {
    Types: 'deb',
    URIs: url,
    Suites: suites.join(' '),
    Components: components.join(' '),
    'Signed-By': keyring,
  };
  return Object.entries(fields)
    .map(([name, value]) => `${name}: ${value}\n`)
    .join('');
}

/**
 * mkosi runs a script whose name ends in `.chroot` inside the image, with `BuildSources=` at /work/src, and takes an initrd
 * it finds in `$ARTIFACTDIR/io.mkosi.initrd`.
 */
function finishFiles(plan: Plan): RenderedFile[] {
  const run = ['#!/bin/sh', 'set -eu', ...SCRIPTS.map((name) => `sh /work/src/${name}`), MAKE_INITRD];
  return [
    { path: 'finish.chroot', content: `${run.join('\n')}\n`, mode: '0755' },
    ...SCRIPTS.map((name) => ({
      path: name,
      content: readFileSync(repositoryPath('packer', 'scripts', name), 'utf8'),
    })),
    renderImageList(plan),
  ];
}

/** Partition and file system ids are drawn from it: the same for every bake of one plan. Shaped as a version 8 UUID. */
function seedOf(planId: string): string {
  const hex = planId.replace(/^sha256:/, '');
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join('-');
}

type Sections = Record<string, Record<string, string | readonly string[]>>;

/** mkosi reads a list as one setting over indented lines, systemd-repart as the setting repeated. */
function ini(sections: Sections, lists: 'indent' | 'repeat' = 'indent'): string {
  return Object.entries(sections)
    .map(([name, settings]) => {
      const lines = Object.entries(settings).flatMap(([key, value]) => {
        if (typeof value === 'string') return [`${key}=${value}`];
        return lists === 'repeat'
          ? value.map((item) => `${key}=${item}`)
          : [`${key}=`, ...value.map((item) => `    ${item}`)];
      });
      return `[${name}]\n${lines.join('\n')}\n`;
    })
    .join('\n');
}

function refused(os: OperatingSystem): KilnError {
  return new KilnError('PAIR_REFUSED', `The mkosi engine does not make ${os.title}`, {
    hint: `Engines for ${os.name}: ${os.engines.join(', ')}.`,
  });
}
