import type { BootedUnit, BootReport } from './types.js';

/** What became of one unit; one the journal never mentions was not started. */
export function unitOf({ units }: Pick<BootReport, 'units'>, name: string): BootedUnit {
  const found = units.find((unit) => unit.name === name);
  return found ?? { name, state: 'not-started', reason: 'nothing asked for it', at: 0, restarts: 0 };
}
