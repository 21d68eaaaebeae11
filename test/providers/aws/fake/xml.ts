/** What an answer is made of; `undefined` is left out, lists are wrapped item by item. */
export type XmlValue =
  | string
  | number
  | boolean
  | undefined
  | readonly XmlValue[]
  | { [name: string]: XmlValue };

/** Writes an answer of the query protocols. `item`: what an element of a list is called: `item` (EC2) or `member`. */
export function toXml(value: XmlValue, item: 'item' | 'member'): string {
  if (value === undefined) return '';
  if (Array.isArray(value))
    return value.map((each: XmlValue) => `<${item}>${toXml(each, item)}</${item}>`).join('');
  if (typeof value !== 'object') return escapeXml(String(value));
  return Object.entries(value)
    .filter(([, each]) => each !== undefined)
    .map(([name, each]) => `<${name}>${toXml(each, item)}</${name}>`)
    .join('');
}

export function escapeXml(text: string): string {
  return text.replace(/[&<>]/g, (each) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[each] ?? each);
}
