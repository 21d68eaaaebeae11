import { closestMatch } from 'leven';
import { loadRoles } from '../catalog/load-catalog.js';
import { KilnError } from '../errors.js';
import { parseClusterName } from './cluster-name.js';
import type { LocalRig } from './types.js';

/** Nodes a person asks `launch` for, wherever they shall run. */
export interface NodesRequest {
  cluster: string;
  /** Names from catalog/roles.yaml, in its order, each once; never empty. */
  roles: string[];
  count: NodeCount;
}

/** Nodes on this machine. */
export interface LaunchRequest extends NodesRequest {
  /** `undefined`: the cluster's own. */
  rig: LocalRig | undefined;
  /** `undefined`: what the roles need. */
  memoryMiB: number | undefined;
}

/** `total`: so many there shall be; `more`: so many are added. */
export type NodeCount = { total: number } | { more: number };

interface NodesWords {
  cluster?: string | undefined;
  role?: string | undefined;
  count?: string | undefined;
}

/** The words of a command line as a request for this machine. @throws KilnError USAGE, UNKNOWN_NAME. */
export function parseRequest(
  words: NodesWords & { rig?: LocalRig | undefined; memory?: string | undefined },
): LaunchRequest {
  return {
    ...parseNodes(words, { most: 999 }),
    rig: words.rig,
    memoryMiB: words.memory === undefined ? undefined : parseMemory(words.memory),
  };
}

/** What a launch asks for on every provider. @throws KilnError USAGE, UNKNOWN_NAME. */
export function parseNodes(words: NodesWords, { most }: { most: number }): NodesRequest {
  return {
    cluster: parseClusterName(words.cluster),
    roles: parseRoles(words.role),
    count: parseCount(words.count ?? '1', most),
  };
}

function parseRoles(words: string | undefined): string[] {
  const given = (words ?? '').split(',').map((word) => word.trim());
  if (given.every((word) => word === '')) {
    throw new KilnError('USAGE', 'No role given: what shall the nodes be?', {
      hint: '`launch --role master --count 3`, then `launch --role minion --count 2`; `bake list roles` tells more.',
    });
  }
  const wanted = new Set(given.filter((word) => word !== '').map(roleName));
  return Object.keys(loadRoles()).filter((name) => wanted.has(name));
}

function roleName(word: string): string {
  const roles = Object.entries(loadRoles());
  const found = roles.find(([name, { aliases }]) => name === word || aliases.includes(word));
  if (found !== undefined) return found[0];
  const known = roles.flatMap(([name, { aliases }]) => [name, ...aliases]);
  const near = closestMatch(word, known, { maxDistance: 3 });
  const meant = near === undefined ? '' : `; did you mean ${near}?`;
  throw new KilnError('UNKNOWN_NAME', `There is no role ${JSON.stringify(word)}${meant}`, {
    hint: `Known: ${roles.map(([name]) => name).join(', ')}. \`bake list roles\` tells more about each.`,
  });
}

function parseCount(text: string, most: number): NodeCount {
  const [, sign, digits] = /^(\+?)([1-9]\d{0,5})$/.exec(text) ?? [];
  if (digits === undefined || Number(digits) > most) {
    throw new KilnError(
      'USAGE',
      `--count wants a number from 1 to ${most}, or +N to add N, not ${JSON.stringify(text)}`,
      {
        hint: 'launch never takes nodes away: `launch destroy` ends the whole cluster.',
      },
    );
  }
  return sign === '+' ? { more: Number(digits) } : { total: Number(digits) };
}

/** Below this no role of any image boots. */
const LEAST_MEMORY = 256;

function parseMemory(text: string): number {
  const value = /^\d{1,6}$/.test(text) ? Number(text) : 0;
  if (value >= LEAST_MEMORY) return value;
  throw new KilnError('USAGE', `--memory wants MiB, at least ${LEAST_MEMORY}, not ${JSON.stringify(text)}`);
}
