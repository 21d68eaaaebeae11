import { EVENT_ID, getScalarValue, parseEvents } from 'js-yaml';

type Path = readonly PropertyKey[];

/** Where one value of a YAML text stands, as offsets in the text. */
export interface YamlPlace {
  path: readonly string[];
  /** Where a person looks for it: where its key begins, or what itself has no key. */
  start: number;
  /** From where to where a scalar is, without its quotes; `undefined` for lists, mappings and aliases. */
  scalar: { start: number; end: number } | undefined;
}

/** A list or mapping that has not ended yet. */
interface Collection {
  isMapping: boolean;
  path: readonly string[];
  /** How many of its values have begun. */
  index: number;
  /** The mapping's key whose value comes next. */
  key: { name: string; start: number } | undefined;
}

/**
 * The places of all values of a text that is good YAML, in their order, by `pathKey`. The parser's events are a flat walk of
 * the tree; in a mapping, scalars that come first, third, … are keys.
 */
export function yamlPlaces(text: string): Map<string, YamlPlace> {
  const places = new Map<string, YamlPlace>();
  const open: Collection[] = [];
  function place(start: number, scalar?: YamlPlace['scalar']): readonly string[] {
    const parent = open.at(-1);
    const path = parent === undefined ? [] : [...parent.path, parent.key?.name ?? String(parent.index)];
    places.set(pathKey(path), { path, start: parent?.key?.start ?? start, scalar });
    if (parent !== undefined) Object.assign(parent, { key: undefined, index: parent.index + 1 });
    return path;
  }
  for (const event of parseEvents(text, {})) {
    const parent = open.at(-1);
    if (event.type === EVENT_ID.MAPPING || event.type === EVENT_ID.SEQUENCE) {
      const isMapping = event.type === EVENT_ID.MAPPING;
      open.push({ isMapping, path: place(event.start), index: 0, key: undefined });
    } else if (event.type === EVENT_ID.SCALAR) {
      const { valueStart: start, valueEnd: end } = event;
      if (parent?.isMapping === true && parent.key === undefined)
        parent.key = { name: getScalarValue(text, event), start };
      else place(start, { start, end });
    } else if (event.type === EVENT_ID.ALIAS) place(event.anchorStart);
    else if (event.type === EVENT_ID.POP) open.pop();
  }
  return places;
}

/** A path as one word, whose list indexes may be numbers or text. */
export function pathKey(path: Path): string {
  return JSON.stringify(path.map(String));
}
