import { load, YAML11_SCHEMA } from 'js-yaml';
import { renderUserData } from '../../launch/render-user-data.js';
import { canonicalJson } from '../../plan/canonical-json.js';
import type { LintContext, LintProblem } from '../types.js';
import { errorIn } from './problem.js';

const HEADER = '#cloud-config\n';
/** Small enough for every provider, and for a person to read at a glance. */
const MAX_BYTES = 200;
const CLOUD_CONFIG = /^\/etc\/cloud\/cloud\.cfg\.d\/[^/]+\.cfg$/;

/** The user data of every role is small and says what it is. */
export function userDataSize({ plan }: LintContext): LintProblem[] {
  return plan.roles.flatMap(({ name }) =>
    checkUserData(name, renderUserData({ roles: [name], cluster: 'kiln' })),
  );
}

/** The two rules on one text of user data. */
export function checkUserData(role: string, userData: string): LintProblem[] {
  const subject = `user data of ${role}`;
  const bytes = Buffer.byteLength(userData);
  return [
    ...(userData.startsWith(HEADER)
      ? []
      : [errorIn('user-data', subject, 'does not begin with a line #cloud-config')]),
    ...(bytes <= MAX_BYTES
      ? []
      : [errorIn('user-data', subject, `is ${bytes} bytes long, more than ${MAX_BYTES}`)]),
  ];
}

/**
 * cloud-init reads YAML 1.1, where `0644` is 420 and `yes` is true: its files are valid there, hold a mapping, and mean
 * the same to a reader of YAML 1.2.
 */
export function cloudConfigYaml({ plan }: LintContext): LintProblem[] {
  return plan.files.flatMap((file) => {
    if (!('content' in file) || !CLOUD_CONFIG.test(file.path)) return [];
    return checkYaml(file.path, file.content);
  });
}

function checkYaml(path: string, content: string): LintProblem[] {
  try {
    const old = load(content, { schema: YAML11_SCHEMA });
    if (typeof old !== 'object' || old === null) return [errorIn('cloud-config-yaml', path, 'is no mapping')];
    if (canonicalJson(old) === canonicalJson(load(content))) return [];
    return [
      errorIn('cloud-config-yaml', path, 'holds a value that YAML 1.1 and 1.2 read differently; quote it'),
    ];
  } catch (error) {
    return [errorIn('cloud-config-yaml', path, (error as Error).message.split('\n')[0] ?? '')];
  }
}
