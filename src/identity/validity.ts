/** How far a certificate reaches back, so that a node whose clock is behind takes it. */
export const BACKDATED_MINUTES = 15;
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/** From a little before `now` to `days` after it, but never past `latest`. */
export function validity({ now, days, latest }: { now: Date; days: number; latest?: Date }): {
  notBefore: Date;
  notAfter: Date;
} {
  const end = now.getTime() + days * DAY;
  return {
    notBefore: new Date(now.getTime() - BACKDATED_MINUTES * MINUTE),
    notAfter: new Date(Math.min(end, latest?.getTime() ?? end)),
  };
}
