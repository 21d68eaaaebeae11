import { enableCompileCache } from 'node:module';
import { compiledHelp } from './compiled-help.js';

const help = compiledHelp(process.argv.slice(2), 'launch');
if (help === undefined) {
  enableCompileCache();
  const { runLaunchProgram } = await import('./launch-program.js');
  await runLaunchProgram(process.argv);
} else {
  process.stdout.write(help);
}
