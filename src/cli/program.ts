import { Command, Option } from '@commander-js/extra-typings';
import { addLaunchVerbs } from './launch-program.js';
import { runCommandLine } from './run-command-line.js';

/**
 * Declares every verb and option of `bake` and runs the one asked for. Only commander is loaded here: each verb
 * imports its own code when it runs, so `--help` and completion stay quick.
 */
export async function runProgram(argv: readonly string[]): Promise<void> {
  await runCommandLine(createProgram(), argv);
}

/** The program alone, for help texts, completions and docs. */
export function createProgram(): Command {
  const program = new Command('bake')
    .description('Bakes one golden Kubernetes machine image that takes any role at boot.')
    .configureHelp({ showGlobalOptions: true })
    .showSuggestionAfterError()
    // Else an option of `bake launch` would be taken from its verbs.
    .enablePositionalOptions()
    .exitOverride();
  addImage(program);
  addPlan(program);
  addRender(program);
  addLint(program);
  addFetch(program);
  addBase(program);
  addTest(program);
  addUpdate(program);
  addDiff(program);
  addLaunchVerbs(program.command('launch'));
  addList(program);
  addDoctor(program);
  for (const command of program.commands) command.exitOverride();
  return program;
}

/** The options that choose what is baked; the same words are keys of `kiln.yaml`. */
function addSelectors(
  command: Command,
  lock = 'lock file; default: the one in --mirror, else kiln.lock.yaml here, else the catalog’s pins',
) {
  return command
    .option('--os <name>', 'operating system, see `bake list os`')
    .option('--kubernetes <version>', 'minor (1.29) or patch release (1.29.15); default: what suits the OS')
    .option('--network <name>', 'how pods reach each other, see `bake list networks`; default: flannel')
    .addOption(
      new Option('--arch <arch>', 'processor architecture; default: amd64').choices(['amd64', 'arm64']),
    )
    .option('--lock <file>', lock)
    .option('--mirror <dir>', 'folder of downloaded artifacts, as `bake fetch --to` makes it')
    .option('--config <file>', 'configuration file; default: kiln.yaml here, if there is one');
}

function addImage(program: Command): void {
  addSelectors(program.command('image'))
    .description('Bake an image.')
    .addOption(
      new Option('--engine <engine>', 'what builds it; default: mkosi where it can serve').choices([
        'mkosi',
        'packer',
      ]),
    )
    .addOption(
      new Option('--target <target>', 'a disk here, or an Amazon machine image; default: disk').choices([
        'disk',
        'aws',
      ]),
    )
    .option('--base <base>', 'cloud image to start from (engine packer): a file, or ami-… with --target aws')
    .option('--region <region>', 'where the AMI is made; default: AWS_REGION, else the profile’s')
    .option('--admin-cidr <cidr...>', 'addresses that may reach the AMI’s builder while it is baked')
    .option('--offline', 'touch no network; list all that is missing')
    .option('--out <dir>', 'where images go; default: out')
    .option('--force', 'bake although the support matrix refuses the pair, or --base is a stranger’s')
    .option('--dry-run', 'say what would be done, and do nothing')
    .option('--json', 'print one JSON document')
    .action(async (options) => (await import('./commands/image.js')).runImage(options));
}

function addPlan(program: Command): void {
  addSelectors(program.command('plan'))
    .description('Show what an image would hold: files, units, pins, verdicts.')
    .option('--json', 'print one JSON document')
    .action(async (options) => (await import('./commands/plan.js')).runPlan(options));
}

function addRender(program: Command): void {
  addSelectors(program.command('render'))
    .description('Write the Packer templates, the mkosi configuration and the overlay of text files.')
    .option('--out <dir>', 'folder to write to; default: out/render')
    .option('--dry-run', 'say what would be done, and do nothing')
    .option('--json', 'print one JSON document')
    .action(async (options) => (await import('./commands/render.js')).runRender(options));
}

function addLint(program: Command): void {
  addSelectors(program.command('lint'))
    .description('Check units, drop-ins, sysctls, cloud-init data and templates without building anything.')
    .option('--all', 'every OS and Kubernetes minor the catalog allows')
    .option('--json', 'print one JSON document')
    .action(async (options) => (await import('./commands/lint.js')).runLint(options));
}

function addFetch(program: Command): void {
  addSelectors(program.command('fetch'))
    .description('Download the pinned artifacts into the cache, or into a mirror for an air-gapped bake.')
    .addOption(
      new Option(
        '--source <source>',
        'where artifacts come from: the projects’ releases, or the Debian archive',
      )
        .choices(['upstream', 'debian'])
        .default('upstream'),
    )
    .option('--to <dir>', 'make a mirror here')
    .option('--offline', 'touch no network; list all that is missing')
    .option('--dry-run', 'say what would be done, and do nothing')
    .option('--json', 'print one JSON document')
    .action(async (options) => (await import('./commands/fetch.js')).runFetch(options));
}

function addBase(program: Command): void {
  program
    .command('base')
    .description('Make a plain base disk from the Debian archive, for `bake image --engine packer --base`.')
    .option('--os <name>', 'debian12 or debian13', 'debian12')
    .requiredOption('--out <file>', 'the disk to write; .qcow2 is compact, anything else raw')
    .option('--dry-run', 'say what would be done, and do nothing')
    .option('--json', 'print one JSON document')
    .action(async (options) => (await import('./commands/base.js')).runBase(options));
}

function addTest(program: Command): void {
  program
    .command('test')
    .description('Prove a finished image: check its disk, boot a copy of it in every role, write a report.')
    .argument('[image]', 'image folder or disk; default: the newest image baked here')
    .option('--role <role...>', 'boot only in these roles')
    .option('--cell <cell...>', 'boot only these cells of the matrix, see docs/test.md')
    .addOption(
      new Option('--rig <rig>', 'what to boot in: qemu is the proof, uml (user-mode Linux) is quick')
        .choices(['qemu', 'uml'] as const)
        .default('qemu' as const),
    )
    .option('--jobs <number>', 'machines at once; default: what processors and memory allow')
    .option('--report <dir>', 'where the report goes; default: test-report in the image’s folder')
    .option('--previous <image>', 'an older image, to say in the report what changed since')
    .option('--out <dir>', 'where images are; default: out')
    .option('--dry-run', 'say what would be done, and do nothing')
    .option('--json', 'print one JSON document')
    .action(async (image, options) => (await import('./commands/test.js')).runTest(image, options));
}

function addUpdate(program: Command): void {
  addSelectors(program.command('update'), 'lock file to refresh, or to make; default: kiln.lock.yaml here')
    .description('Refresh the lock: newest base, newest patch releases, digests from their publishers.')
    .addOption(
      new Option(
        '--target <target>',
        'which base a new lock names: for a disk here, or for an AMI; default: disk',
      ).choices(['disk', 'aws']),
    )
    .option(
      '--region <region>',
      'where the base AMI is looked for; default: the lock’s, else AWS_REGION, else the profile’s',
    )
    .option('--check', 'say what is newer, and write nothing')
    .option('--offline', 'touch no network; ask the mirror only')
    .option('--dry-run', 'say what would be asked, and do nothing')
    .option('--json', 'print one JSON document')
    .action(async (options) => (await import('./commands/update.js')).runUpdate(options));
}

function addDiff(program: Command): void {
  program
    .command('diff')
    .description('Show what differs between two images: packages, pins, base, planned files, size.')
    .argument('<before>', 'image folder, the older one')
    .argument('<after>', 'image folder')
    .option('--markdown', 'as Markdown, for a summary or a pull request')
    .option('--json', 'print one JSON document')
    .action(async (before, after, options) =>
      (await import('./commands/diff.js')).runDiff(before, after, options),
    );
}

function addList(program: Command): void {
  program
    .command('list')
    .description('List what kiln knows: os, kubernetes, networks, roles, or the images baked here.')
    .argument('<kind>', 'os, kubernetes, networks, roles or images')
    .option('--out <dir>', 'where images are; default: out')
    .option('--json', 'print one JSON document')
    .action(async (kind, options) => (await import('./commands/list.js')).runList(kind, options));
}

function addDoctor(program: Command): void {
  program
    .command('doctor')
    .description('Check this machine: which tools are there, what each is for, how to get what is missing.')
    .option('--for <use...>', 'only what these uses need, e.g. mkosi, packer, test, lint')
    .option('--missing-packages', 'print only the Debian packages to install, one a line')
    .option('--json', 'print one JSON document')
    .action(async (options) => (await import('./commands/doctor.js')).runDoctor(options));
}
