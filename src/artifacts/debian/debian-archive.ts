import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Gate } from '../../gate/gate.js';
import { runCommand } from '../../gate/run-command.js';
import type { Arch } from '../../plan/types.js';
import type { DebianSuite } from './packages.js';

/** A file of the archive, named by the signed index. */
export interface ArchiveFile {
  /** Package (or source package) it belongs to. */
  package: string;
  version: string;
  fileName: string;
  /** `sha256:<hex>` */
  digest: string;
}

/** The archive as apt sees it, with state of its own: nothing of the machine's apt is read but its proxy settings. */
export interface DebianArchive {
  /** The sources.list apt and mmdebstrap use. */
  sourcesList: string;
  /** The binary packages by name; one entry each. */
  find(packages: readonly string[]): Promise<Map<string, ArchiveFile>>;
  /** The files of the newest version of a source package, the .dsc first. */
  findSource(sourcePackage: string): Promise<ArchiveFile[]>;
  download(packages: readonly string[], folder: string): Promise<void>;
  downloadSource(sourcePackage: string, folder: string): Promise<void>;
}

/**
 * Reads the archive's index into `folder`. apt checks the signature of each index against the suite's keyring, and each
 * file against the index; an index that cannot be had or is not signed is an error, not a warning.
 *
 * @throws KilnError COMMAND_FAILED, TOOL_MISSING
 */
export async function openDebianArchive({
  gate,
  suite,
  arch,
  folder,
}: {
  gate: Gate;
  suite: DebianSuite;
  arch: Arch;
  folder: string;
}): Promise<DebianArchive> {
  const sourcesList = path.join(folder, 'sources.list');
  const configuration = path.join(folder, 'apt.conf');
  await mkdir(path.join(folder, 'lists', 'partial'), { recursive: true });
  await mkdir(path.join(folder, 'cache', 'archives', 'partial'), { recursive: true });
  await writeFile(sourcesList, formatSources(suite));
  await writeFile(path.join(folder, 'status'), '');
  await writeFile(configuration, formatConfiguration(folder, arch));

  async function apt(program: 'apt-get' | 'apt-cache', args: string[], reason: string, cwd = folder) {
    const env = { APT_CONFIG: configuration, LC_ALL: 'C.UTF-8' };
    return await runCommand(gate, { file: program, args, cwd, env, reason }, { capture: true });
  }

  await apt('apt-get', ['update', '-q'], "read the Debian archive's signed index");
  return {
    sourcesList,
    async find(packages) {
      const text = await apt(
        'apt-cache',
        ['show', '--no-all-versions', ...packages],
        'look up Debian packages',
      );
      return new Map(parseStanzas(text).map((stanza) => [stanza.package, stanza]));
    },
    async findSource(sourcePackage) {
      const args = ['source', '--print-uris', '-qq', sourcePackage];
      return parseUris(
        await apt('apt-get', args, `look up the Debian source of ${sourcePackage}`),
        sourcePackage,
      );
    },
    async download(packages, to) {
      await apt('apt-get', ['download', '-q', ...packages], 'download Debian packages', to);
    },
    async downloadSource(sourcePackage, to) {
      const args = ['source', '--download-only', '-q', sourcePackage];
      await apt('apt-get', args, `download the Debian source of ${sourcePackage}`, to);
    },
  };
}

function formatSources({ keyring, repositories }: DebianSuite): string {
  const lines = repositories.flatMap(({ url, suites }) =>
    suites.flatMap((name) =>
      ['deb', 'deb-src'].map((type) => `${type} [signed-by=${keyring}] ${url} ${name} main\n`),
    ),
  );
  return lines.join('');
}

function formatConfiguration(folder: string, arch: Arch): string {
  const settings: [string, string][] = [
    ['Dir::State', folder],
    ['Dir::State::lists', path.join(folder, 'lists')],
    ['Dir::State::status', path.join(folder, 'status')],
    ['Dir::Cache', path.join(folder, 'cache')],
    ['Dir::Etc::sourcelist', path.join(folder, 'sources.list')],
    ['Dir::Etc::sourceparts', '-'],
    ['Dir::Etc::preferences', '-'],
    ['Dir::Etc::preferencesparts', '-'],
    ['APT::Architecture', arch],
    ['APT::Architectures::', arch],
    // A mirror made from half an index would silently hold old packages.
    ['APT::Update::Error-Mode', 'any'],
    ['APT::Sandbox::User', 'root'],
    ['Acquire::Languages', 'none'],
  ];
  return settings.map(([name, value]) => `${name} ${JSON.stringify(value)};\n`).join('');
}

function parseStanzas(text: string): ArchiveFile[] {
  return text.split(/\n\n+/).flatMap((stanza) => {
    const fields = new Map(
      [...stanza.matchAll(/^([\w-]+): (.*)$/gm)].map(([, name, value]) => [name, value]),
    );
    const [name, version, fileName, sha256] = ['Package', 'Version', 'Filename', 'SHA256'].map((key) =>
      fields.get(key),
    );
    if (name === undefined || version === undefined || fileName === undefined) return [];
    return [{ package: name, version, fileName: path.basename(fileName), digest: `sha256:${sha256}` }];
  });
}

/** Lines of `'URL' file size SHA256:hex`. */
function parseUris(text: string, sourcePackage: string): ArchiveFile[] {
  const files = [...text.matchAll(/^'[^']*' (\S+) \d+ SHA256:([0-9a-f]{64})$/gm)];
  const names = files.map(([, fileName = '']) => fileName);
  const version =
    names.find((name) => name.endsWith('.dsc'))?.slice(sourcePackage.length + 1, -'.dsc'.length) ?? '';
  return files
    .map(([, fileName = '', hex]) => ({ package: sourcePackage, version, fileName, digest: `sha256:${hex}` }))
    .sort((left, right) => Number(right.fileName.endsWith('.dsc')) - Number(left.fileName.endsWith('.dsc')));
}
