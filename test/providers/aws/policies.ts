import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { repositoryPath } from '../../../src/repository.js';

export interface Statement {
  Sid: string;
  Effect: string;
  Action: string | string[];
  Resource: string | string[];
  Condition?: Record<string, Record<string, string | string[]>>;
}

export interface Policy {
  Version: string;
  Statement: Statement[];
}

/** Policies in `policies/`, by name: `launch-destroy`. */
export function policyNames(): string[] {
  return readdirSync(repositoryPath('policies'))
    .filter((file) => file.endsWith('.json'))
    .map((file) => path.basename(file, '.json'));
}

export function readPolicy(name: string): Policy {
  return JSON.parse(readFileSync(repositoryPath('policies', `${name}.json`), 'utf8')) as Policy;
}

/** Every action a policy allows, once. */
export function actionsOf({ Statement }: Policy): string[] {
  return [...new Set(Statement.flatMap(({ Action }) => Action))].sort();
}
