import type { TemplateRecord, TemplateValue } from '../../render/render-template.js';

/** What ends a text in quotes, begins an expression in it, or may not stand in it as it is. */
const SPECIAL = /["\\$%\p{Cc}]/gu;

/**
 * The record of a template in HCL, whose strings all stand in quotes there, each so written that Packer reads exactly what
 * it is: nothing in it ends the text or is evaluated, by HCL (`${…}`, `%{…}`) or by Packer's own templates (`{{…}}`), which it
 * looks for in every setting of a builder and a provisioner afterwards.
 */
export function forHcl(record: TemplateRecord): TemplateRecord {
  return mapTexts(record, (text) => withoutTemplates(text).replaceAll(SPECIAL, escapeCharacter));
}

/** The same for a file of variables in JSON, whose texts HCL takes as they are; Packer's own templates see these too. */
export function forVariables(variables: TemplateRecord): TemplateRecord {
  return mapTexts(variables, withoutTemplates);
}

function mapTexts(record: TemplateRecord, change: (text: string) => string): TemplateRecord {
  const changeValue = (value: TemplateValue): TemplateValue => {
    if (typeof value === 'string') return change(value);
    if (typeof value !== 'object') return value;
    return isList(value) ? value.map(changeValue) : mapTexts(value, change);
  };
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, changeValue(value)]));
}

/** `Array.isArray` does not tell a read-only list from a record. */
function isList(value: TemplateRecord | readonly TemplateValue[]): value is readonly TemplateValue[] {
  return Array.isArray(value);
}

function withoutTemplates(text: string): string {
  return text.replaceAll('{{', '{{"{{"}}');
}

/** By number: HCL looks for expressions before it reads these. */
function escapeCharacter(character: string): string {
  if (character === '"' || character === '\\') return `\\${character}`;
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
