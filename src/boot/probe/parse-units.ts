import type { GuestUnit } from './guest-facts.js';

/** What `systemctl show` printed of many units: blocks of `Key=value`, an empty line between; a unit may come twice. */
export function parseUnits(text: string): GuestUnit[] {
  const units = new Map<string, GuestUnit>();
  for (const block of text.split('\n\n')) {
    const unit = parseUnit(block);
    if (unit.name !== '') units.set(unit.name, unit);
  }
  return [...units.values()].sort((left, right) => (left.name < right.name ? -1 : 1));
}

function parseUnit(block: string): GuestUnit {
  const values = new Map(
    block.split('\n').map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );
  const value = (key: string): string => values.get(key) ?? '';
  return {
    name: value('Id'),
    load: value('LoadState'),
    active: value('ActiveState'),
    sub: value('SubState'),
    result: value('Result'),
    conditions: value('ConditionResult') === 'yes',
    restarts: Number(value('NRestarts') || 0),
    started: seconds(value('InactiveExitTimestampMonotonic')),
    activated: seconds(value('ActiveEnterTimestampMonotonic')),
    job: !['', '0'].includes(value('Job')),
    ...(values.has('FragmentPath') ? { fragment: value('FragmentPath') } : {}),
    ...(values.has('DropInPaths') ? { dropins: value('DropInPaths').split(' ').filter(Boolean) } : {}),
  };
}

/** systemd prints 0 for what never happened. */
function seconds(microseconds: string): number | undefined {
  return ['', '0'].includes(microseconds) ? undefined : Number(microseconds) / 1e6;
}
