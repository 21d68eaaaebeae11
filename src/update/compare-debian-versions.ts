/**
 * Orders Debian package versions (`1:1.35.0-4+deb12u1+b1`): epoch, upstream version, revision. Above 0 when `left` is newer.
 * Source: Debian Policy 5.6.12.
 */
export function compareDebianVersions(left: string, right: string): number {
  const [a, b] = [split(left), split(right)] as const;
  return (
    Math.sign(a.epoch - b.epoch) ||
    compareParts(a.upstream, b.upstream) ||
    compareParts(a.revision, b.revision)
  );
}

function split(version: string): { epoch: number; upstream: string; revision: string } {
  const [, epoch = '0', rest = ''] = /^(?:(\d+):)?(.*)$/s.exec(version) ?? [];
  const dash = rest.lastIndexOf('-');
  return dash === -1
    ? { epoch: Number(epoch), upstream: rest, revision: '' }
    : { epoch: Number(epoch), upstream: rest.slice(0, dash), revision: rest.slice(dash + 1) };
}

/** Text and numbers by turns. */
function compareParts(left: string, right: string): number {
  const [a, b] = [piecesOf(left), piecesOf(right)];
  for (let index = 0; index < Math.max(a.length, b.length); index += 1) {
    const [, textA = '', numberA = ''] = a[index] ?? [];
    const [, textB = '', numberB = ''] = b[index] ?? [];
    const order = compareTexts(textA, textB) || Math.sign(Number(numberA) - Number(numberB));
    if (order !== 0) return order;
  }
  return 0;
}

function piecesOf(text: string): string[][] {
  return [...text.matchAll(/(\D*)(\d*)/g)];
}

function compareTexts(left: string, right: string): number {
  for (let index = 0; index < Math.max(left.length, right.length); index += 1) {
    const order = Math.sign(weight(left[index]) - weight(right[index]));
    if (order !== 0) return order;
  }
  return 0;
}

/** A tilde before the end, the end before letters, letters before all else. */
function weight(letter: string | undefined): number {
  if (letter === undefined) return 0;
  if (letter === '~') return -1;
  return letter.charCodeAt(0) + (/[A-Za-z]/.test(letter) ? 0 : 256);
}
