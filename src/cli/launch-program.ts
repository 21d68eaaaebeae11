import { Command, type CommandUnknownOpts, Option } from '@commander-js/extra-typings';
import { KilnError } from '../errors.js';
import { runCommandLine } from './run-command-line.js';

/** Declares the verbs and options of `launch` and runs the one asked for; each verb's code is loaded when it runs. */
export async function runLaunchProgram(argv: readonly string[]): Promise<void> {
  await runCommandLine(createLaunchProgram(), argv);
}

/** The program alone, for help texts and docs. */
export function createLaunchProgram(): Command {
  const program = new Command('launch').exitOverride();
  addLaunchVerbs(program);
  return program;
}

/** Makes `command` (`launch`, or the same verb of `bake`) launch nodes itself and look after clusters by its own verbs. */
export function addLaunchVerbs(command: Command): void {
  command
    .description('Launch nodes of a cluster from a golden image, and look after them.')
    .showSuggestionAfterError()
    .configureHelp({ showGlobalOptions: false })
    .enablePositionalOptions();
  addLaunch(command);
  addStatus(command);
  addKubeconfig(command);
  addSmoke(command);
  addLogs(command);
  addConsole(command);
  addList(command);
  addDestroy(command);
  // Verbs inherit that `launch` takes words it does not know, to say which verb was meant; they themselves take none.
  for (const verb of command.commands) verb.allowExcessArguments(false);
  command.hook('preSubcommand', refuseEarlyOption);
}

/** An option before the verb is `launch`'s own: the verb would not see it, and destroy another cluster, or in earnest. */
function refuseEarlyOption(launch: CommandUnknownOpts, verb: CommandUnknownOpts): void {
  const early = launch.options.find((each) => launch.getOptionValueSource(each.attributeName()) === 'cli');
  if (early === undefined) return;
  throw new KilnError('USAGE', `${early.long} stands before ${verb.name()}, which does not see it there`, {
    hint: `Options of a verb come after it: \`launch ${verb.name()} ${early.long} …\`.`,
  });
}

function addLaunch(command: Command): void {
  command
    .usage('--role <role>[,<role>] --count <number> [options]')
    .allowExcessArguments()
    .option(
      '--role <roles>',
      'what the nodes are, see `bake list roles`; several by comma: one node takes all',
    )
    .option('--count <number>', 'nodes of these roles there shall be; +N adds N; default: 1')
    .option('--cluster <name>', 'default: kiln')
    .option(
      '--image <image>',
      'folder or ami-…; default: the cluster’s own, at first the newest baked here (on AWS: in this account)',
    )
    .addOption(
      new Option(
        '--provider <name>',
        'where nodes run; default: kiln.yaml’s, else what the image is for',
      ).choices(['local', 'aws'] as const),
    )
    .addOption(
      new Option(
        '--rig <rig>',
        'what runs local nodes: qemu (default), uml is quick but not the image’s own kernel',
      ).choices(['qemu', 'uml'] as const),
    )
    .option('--memory <MiB>', 'memory of each new local node; default: what its roles need')
    .option('--out <dir>', 'where images are; default: out')
    .option('--region <region>', REGION_HELP)
    .option('--subnet <id...>', 'AWS: nodes are spread over these')
    .option('--security-group <id...>', 'AWS: of the nodes; at most one has the cluster’s tag')
    .option('--instance-profile <name>', 'AWS: rights of the nodes; default: none')
    .option('--instance-type <type...>', 'AWS: in the order to be tried; default: t3.medium or t4g.medium')
    .option('--volume-size <GiB>', 'AWS: root disk of a node; default: 20')
    .option('--kms-key <key>', 'AWS: encrypts the root disks; id, alias/… or ARN; default: the account’s own')
    .option('--admin-cidr <cidr...>', 'AWS: who administers the cluster; never the whole internet')
    .option('--asg', 'AWS: an Auto Scaling group; default for nodes that are only minions')
    .option('--instances', 'AWS: single instances; default for all others')
    .option('--force', 'AWS: despite an image that is not kiln’s, or a door open to the world')
    .option('--wait', 'wait until the nodes are up; default: on a terminal')
    .option('--no-wait', 'return as soon as they are launched')
    .option('--dry-run', 'say what would be done, and do nothing')
    .option('--json', 'print one JSON document')
    .action(async (options, launch) =>
      (await import('./commands/launch/launch.js')).runLaunch(options, {
        excess: launch.args,
        verbs: launch.commands.map((verb) => verb.name()),
      }),
    );
}

/** Every verb below is about one cluster. */
function addVerb(command: Command, name: string, description: string) {
  return command
    .command(name)
    .description(description)
    .option('--cluster <name>', 'default: kiln')
    .addOption(providerOption());
}

/** A verb that AWS has too. */
function addCloudVerb(command: Command, name: string, description: string) {
  return addVerb(command, name, description).option('--region <region>', REGION_HELP);
}

function providerOption() {
  return new Option('--provider <name>', 'where the cluster is; default: kiln.yaml’s, else local').choices([
    'local',
    'aws',
  ] as const);
}

const REGION_HELP = 'of AWS; default: kiln.yaml’s, else the one the AWS CLI uses';

function addStatus(command: Command): void {
  addCloudVerb(command, 'status', 'Show the nodes: machine, Kubernetes, etcd, API.')
    .option('--watch', 'show it again every few seconds until Ctrl-C')
    .option('--json', 'print one JSON document')
    .action(async (options) => (await import('./commands/launch/status.js')).runStatus(options));
}

function addKubeconfig(command: Command): void {
  addVerb(command, 'kubeconfig', 'Write the administrator’s kubeconfig and print its path.')
    .option('--out <file>', 'where to; default: in the cluster’s folder')
    .option('--dry-run', 'say what would be done, and do nothing')
    .option('--json', 'print one JSON document')
    .action(async (options) => (await import('./commands/launch/kubeconfig.js')).runKubeconfig(options));
}

function addSmoke(command: Command): void {
  addVerb(command, 'smoke', 'Prove that the cluster works: pods, services, names, logs, exec, a drain.')
    .option('--kubectl <file>', 'default: $KUBECTL, the one in PATH, or the image’s own')
    .option(
      '--image <reference>',
      'what the test’s pods run, to be pulled; default: the busybox baked into the image',
    )
    .option('--patience <factor>', 'multiplies every time limit, for slow machines')
    .option('--dry-run', 'say what would be done, and do nothing')
    .option('--json', 'print one JSON document')
    .action(async (options) => (await import('./commands/launch/smoke.js')).runSmokeVerb(options));
}

function addLogs(command: Command): void {
  addCloudVerb(command, 'logs', 'Print a node’s journal, or its console when there is no way in.')
    .argument('<node>')
    .option('--unit <unit...>', 'only these units')
    .option('--follow', 'go on until Ctrl-C')
    .option('--console', 'what the machine wrote to its serial console')
    .action(async (node, options) => (await import('./commands/launch/logs.js')).runLogs(node, options));
}

function addConsole(command: Command): void {
  addVerb(command, 'console', 'Open a shell in a node, or run a command there.')
    .argument('<node>')
    .argument('[command...]', 'after --, with its options; its exit status is this one’s')
    .option('--serial', 'the serial console; Ctrl-] leaves it')
    .action(async (node, words, options) =>
      (await import('./commands/launch/console.js')).runConsole(node, words, options),
    );
}

function addList(command: Command): void {
  command
    .command('list')
    .description('List the clusters launched here, or those in a region of AWS.')
    .addOption(providerOption())
    .option('--region <region>', REGION_HELP)
    .option('--json', 'print one JSON document')
    .action(async (options) => (await import('./commands/launch/list.js')).runListClusters(options));
}

function addDestroy(command: Command): void {
  addCloudVerb(command, 'destroy', 'End the cluster: nodes, disks, network, secrets. Nothing stays.')
    .option('--yes', 'do not ask')
    .option('--dry-run', 'say what would be done, and do nothing')
    .option('--json', 'print one JSON document')
    .action(async (options) => (await import('./commands/launch/destroy.js')).runDestroy(options));
}
