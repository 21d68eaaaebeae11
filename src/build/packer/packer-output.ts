/** One message Packer has for people, out of its machine-readable output. */
export interface PackerMessage {
  /** `say`: a step of Packer's own; `message`: what a step printed; `error`. */
  kind: 'say' | 'message' | 'error';
  text: string;
}

const COMMA = '%!(PACKER_COMMA)';
/** Packer puts `==> qemu.kiln: ` before its own steps and `    qemu.kiln: ` before what a step printed. */
const SOURCE_PREFIX = /^(==> |\s+)?[a-z-]+\.kiln: /;
// biome-ignore lint/suspicious/noControlCharactersInRegex: colours and cursor movements of the programs run inside
const ESCAPES = /\u001B\[[0-9;?]*[A-Za-z]/g;

/**
 * The message of one line of `packer build -machine-readable` (`time,target,type,data…`), or `undefined` for lines that
 * are not for people. Format: Packer's documentation of `-machine-readable`.
 */
export function parsePackerLine(line: string): PackerMessage | undefined {
  const [, , type, kind, ...data] = line.split(',');
  if (type !== 'ui' || (kind !== 'say' && kind !== 'message' && kind !== 'error')) return undefined;
  const text = data.join(',').replaceAll(COMMA, ',').replaceAll('\\r', '').replaceAll('\\n', '\n');
  return { kind, text: text.replaceAll(ESCAPES, '').replace(SOURCE_PREFIX, '').trim() };
}
