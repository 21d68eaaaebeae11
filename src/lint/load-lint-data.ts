import { readFileSync } from 'node:fs';
import { load } from 'js-yaml';
import type { Directives } from '../catalog/directives.js';
import { repositoryPath } from '../repository.js';
import type { DistributionUnits } from './distribution-units.js';

export interface LintData {
  directives: Directives;
  distribution: DistributionUnits;
}

let loaded: LintData | undefined;

/** The tables lint compares with, read once. Not checked against their schemas: the contract tests do that. */
export function loadLintData(): LintData {
  loaded ??= {
    directives: read('directives.yaml') as Directives,
    distribution: read('distribution-units.yaml') as DistributionUnits,
  };
  return loaded;
}

function read(file: string): unknown {
  return load(readFileSync(repositoryPath('catalog', file), 'utf8'));
}
