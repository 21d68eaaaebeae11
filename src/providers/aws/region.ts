import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';

/** `eu-west-1`, `us-gov-east-1`, `eusc-de-east-1`: a typing error would be a host that is not there. */
const REGION = /^[a-z]{2,4}(-[a-z]+)+-\d{1,2}$/;

type Environment = Readonly<Record<string, string | undefined>>;

/** Whether a word is spelt like a region; a zone (`eu-west-1a`) is none. */
export function isRegion(word: string): boolean {
  return REGION.test(word);
}

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
