import { readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import type HandlebarsNamespace from 'handlebars';
import { repositoryPath } from '../repository.js';

const require = createRequire(import.meta.url);

/** Text goes out as it is, but escaped in an HTML page (`*.html.hbs`); a name the record lacks is an error. */
export function templateOptions(file: string): { noEscape: boolean; strict: true } {
  return { noEscape: !file.endsWith('.html.hbs'), strict: true };
}

/** Where the build puts the function a template compiles to. */
export function compiledTemplate(file: string): string {
  return repositoryPath('dist', 'templates', `${file}.cjs`);
}

/**
 * The function of a template of the repository: the one the build left, unless the template is newer. Handlebars' compiler
 * is loaded only then.
 */
export function loadTemplate(file: string): HandlebarsNamespace.TemplateDelegate {
  const source = repositoryPath(file);
  const compiled = statSync(compiledTemplate(file), { throwIfNoEntry: false });
  if (compiled !== undefined && compiled.mtimeMs >= statSync(source).mtimeMs) {
    const runtime = require('handlebars/runtime') as typeof HandlebarsNamespace;
    return runtime.template(require(compiledTemplate(file)) as object);
  }
  const handlebars = require('handlebars') as typeof HandlebarsNamespace;
  return handlebars.compile(readFileSync(source, 'utf8'), templateOptions(file));
}
