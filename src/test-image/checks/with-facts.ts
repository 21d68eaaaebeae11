import type { GuestFacts } from '../../boot/probe/guest-facts.js';
import type { BootContext, CheckOutcome } from '../types.js';

/** Judges what the probe saw; without a probe the check is skipped, with the reason. */
export function withFacts(context: BootContext, judge: (facts: GuestFacts) => CheckOutcome): CheckOutcome {
  return context.facts === undefined ? { skipped: noProbe(context) } : judge(context.facts);
}

/** Why there are no facts. */
export function noProbe({ cell }: BootContext): string {
  return cell.seed === 'none'
    ? 'no probe ran: it comes with the seed, and this machine has none'
    : 'no probe ran, though the machine has a seed: see came-up';
}

/** A list for a message, e.g. `a, b and 3 more`. */
export function listOf(items: readonly string[], most = 5): string {
  const more = items.length - most;
  return more > 0 ? `${items.slice(0, most).join(', ')} and ${more} more` : items.join(', ');
}
