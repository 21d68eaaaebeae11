import type { Tags } from './launch-data.js';
import type { Parameters } from './parameters.js';
import { Refusal } from './refusal.js';

/** What a filter of that name looks at. */
export type Fields<T> = Record<string, (thing: T) => string | string[] | undefined>;

/** Every filter has to match, by one of its values; `*` and `?` stand for anything. Names this fake does not know are refused. */
export function readFilters<T>(
  p: Parameters,
  tagsOf: (thing: T) => Tags,
  fields: Fields<T>,
): (thing: T) => boolean {
  const filters = p.groups('Filter').map((each) => {
    const name = each.required('Name');
    const values = each.list('Value');
    if (values.length === 0) throw new Refusal('MissingParameter', `The filter ${name} has no value`);
    if (values.length > 200)
      throw new Refusal(
        'FilterLimitExceeded',
        'The maximum number of filter values specified on a single call is 200',
      );
    const look = lookOf(name, tagsOf, fields);
    const patterns = values.map(toPattern);
    return (thing: T) =>
      [look(thing)].flat().some((value) => value !== undefined && patterns.some((each) => each.test(value)));
  });
  return (thing) => filters.every((matches) => matches(thing));
}

function lookOf<T>(name: string, tagsOf: (thing: T) => Tags, fields: Fields<T>): Fields<T>[string] {
  if (name.startsWith('tag:')) return (thing) => tagsOf(thing)[name.slice('tag:'.length)];
  if (name === 'tag-key') return (thing) => Object.keys(tagsOf(thing));
  const field = fields[name];
  if (field !== undefined) return field;
  throw new Refusal('InvalidParameterValue', `The filter '${name}' is invalid`);
}

function toPattern(value: string): RegExp {
  const escaped = value
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${escaped}$`, 's');
}

/** The things with these ids, or all of them. @throws Refusal for one that is not there. */
export function pick<T>(things: Map<string, T>, ids: string[], code: string, word: string): T[] {
  if (ids.length === 0) return [...things.values()];
  return ids.map((id) => {
    const found = things.get(id);
    if (found !== undefined) return found;
    throw new Refusal(code, `The ${word} '${id}' does not exist`);
  });
}
