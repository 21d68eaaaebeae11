import { execFileSync } from 'node:child_process';
import { statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { temporaryFolder } from '../helpers/temporary-folder.js';

/** Writes the texts to a temporary folder and returns it. */
export function writeAll(files: Readonly<Record<string, string>>): string {
  const folder = temporaryFolder();
  for (const [name, text] of Object.entries(files))
    writeFileSync(path.join(folder, name), text, { mode: 0o600 });
  return folder;
}

/** Standard output of a program that must succeed. */
export function run(file: string, ...args: string[]): string {
  const env = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` };
  return execFileSync(file, args, { encoding: 'utf8', env, stdio: ['ignore', 'pipe', 'pipe'] });
}

/** What openssl shows of a certificate, in words; names in the form all its versions write alike. */
export function describe(certificate: string): string {
  const folder = writeAll({ 'it.crt': certificate });
  return run('openssl', 'x509', '-in', path.join(folder, 'it.crt'), '-noout', '-text', '-nameopt', 'RFC2253');
}

/** Permission bits, as `0o600`. */
export function modeOf(file: string): number {
  return statSync(file).mode & 0o777;
}
