import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';

type Environment = Readonly<Record<string, string | undefined>>;

/** The region the AWS CLI would use here: the environment's, else the profile's in ~/.aws/config; `undefined` when none is named. */
export function regionOfSurroundings(environment: Environment = process.env): string | undefined {
  const { AWS_REGION, AWS_DEFAULT_REGION } = environment;
  return AWS_REGION || AWS_DEFAULT_REGION || regionOfProfile(environment);
}

function regionOfProfile({ AWS_CONFIG_FILE, AWS_PROFILE, HOME }: Environment): string | undefined {
  const file = AWS_CONFIG_FILE || path.join(HOME || homedir(), '.aws', 'config');
  if (!existsSync(file)) return undefined;
  const profile = AWS_PROFILE || 'default';
  const headers = profile === 'default' ? ['default', 'profile default'] : [`profile ${profile}`];
  return headers.map((header) => readSetting(readFileSync(file, 'utf8'), header, 'region')).find(Boolean);
}

/** One value of an INI file. */
function readSetting(text: string, section: string, key: string): string | undefined {
  let inside = false;
  for (const line of text.split('\n')) {
    const [, header] = /^\s*\[\s*(.+?)\s*\]/.exec(line) ?? [];
    if (header !== undefined) inside = header === section;
    const [, name, value] = /^([^#;\s=]+)\s*=\s*(\S+)/.exec(line) ?? [];
    if (inside && name === key) return value;
  }
  return undefined;
}
