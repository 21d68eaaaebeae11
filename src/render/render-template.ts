import type { TemplateDelegate } from 'handlebars';
import { loadTemplate } from './compiled-template.js';

/** What a template may print or walk over. */
export type TemplateRecord = { readonly [name: string]: TemplateValue };
export type TemplateValue = string | number | boolean | readonly TemplateValue[] | TemplateRecord;

/** A rendered file, its path relative to the folder it is written to. */
export interface RenderedFile {
  path: string;
  content: string;
  mode?: string;
}

/**
 * Renders a Handlebars template of the repository with one small record. Unlike Handlebars' own `strict`, a name the
 * record lacks is an error in `{{#if}}` and `{{#each}}` too, and so is printing an array or an object.
 *
 * @throws Error naming the template and the unknown name: a defect of kiln, never the user's.
 */
export function renderTemplate(file: string, record: TemplateRecord): string {
  const template = compile(file);
  try {
    return template(guard(record, file));
  } catch (error) {
    throw new Error(`Template ${file}: ${(error as Error).message}`, { cause: error });
  }
}

const compiled = new Map<string, TemplateDelegate>();

/** Each template is loaded once: a plan renders some of them a dozen times. */
function compile(file: string): TemplateDelegate {
  const known = compiled.get(file) ?? loadTemplate(file);
  compiled.set(file, known);
  return known;
}

/** Throws on unknown names and on printing what is not a scalar. */
function guard<T extends object>(value: T, where: string): T {
  return new Proxy(value, {
    get(target, key) {
      if (key === 'toString') {
        return () => {
          throw new Error(`${where} is a list or record and cannot be printed`);
        };
      }
      if (typeof key === 'string' && !(key in target)) throw new Error(`no "${key}" in ${where}`);
      const child: unknown = Reflect.get(target, key);
      if (typeof child !== 'object' || child === null) return child;
      return guard(child, `${where}.${String(key)}`);
    },
  });
}
