import { globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import Handlebars from 'handlebars';
import { compiledPath, readYaml } from './catalog/read-yaml.js';
import { compiledHelpPath } from './cli/compiled-help.js';
import { createLaunchProgram } from './cli/launch-program.js';
import { createProgram } from './cli/program.js';
import { compiledTemplate, templateOptions } from './render/compiled-template.js';
import { REPOSITORY, repositoryPath } from './repository.js';

/**
 * Run by `npm run build`: what every start would otherwise parse again. Each YAML file of the catalog as JSON, each
 * Handlebars template as the function it compiles to, and the help texts; all below dist/.
 */
for (const name of globSync('**/*.yaml', { cwd: repositoryPath('catalog') })) {
  write(compiledPath(name), JSON.stringify(readYaml(name)));
}
for (const name of globSync('{cloudinit,dropins,packer,report,rootfs}/**/*.hbs', { cwd: REPOSITORY })) {
  const source = readFileSync(repositoryPath(name), 'utf8');
  write(
    compiledTemplate(name),
    `module.exports = ${Handlebars.precompile(source, templateOptions(name))};\n`,
  );
}
for (const program of [createProgram(), createLaunchProgram()]) {
  write(compiledHelpPath(program.name()), program.helpInformation());
  for (const command of program.commands)
    write(compiledHelpPath(program.name(), command.name()), command.helpInformation());
}

function write(file: string, content: string): void {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, content);
}
