import { stripVTControlCharacters } from 'node:util';

/**
 * Text of a guest (its console, its messages) made safe to show: terminal escape sequences and control characters go, tabs
 * become spaces. XML 1.0 allows none of them, and a terminal would obey them.
 */
export function plainText(text: string): string {
  return stripVTControlCharacters(text)
    .replaceAll('\r\n', '\n')
    .replaceAll('\t', '  ')
    .replace(UNPRINTABLE, '')
    .toWellFormed();
}

/** Controls but the line feed, what turns the direction of text, and the two code points XML forbids. */
const UNPRINTABLE = /[^\n\P{Cc}]|[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufffe\uffff]/gu;
