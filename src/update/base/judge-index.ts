/** Why a signed index is not to be believed: `expired` it was good once, `other` it is not of the suite that was asked for. */
export interface IndexProblem {
  kind: 'expired' | 'other';
  reason: string;
}

/** An address that names a moment has the archive as it was then, for ever: snapshot.debian.org. */
const OF_ONE_MOMENT = /\/\d{8}T\d{6}Z(\/|$)/;

/**
 * What is wrong with an index whose signature is good. An archive is asked without TLS, and everything that was ever signed
 * is still well signed: so it must say that it is of this suite, and not be past the day it is good until.
 */
export function judgeIndex({
  url,
  suite,
  text,
  now,
  ignoreValidUntil = false,
}: {
  /** The index's own address. */
  url: string;
  suite: string;
  /** As signed, see `verifyIndex`. */
  text: string;
  now: Date;
  ignoreValidUntil?: boolean | undefined;
}): IndexProblem | undefined {
  const names = ['Codename', 'Suite'].flatMap((name) => fieldOf(text, name) ?? []);
  if (!names.includes(suite))
    return { kind: 'other', reason: `it is the index of ${names.join(', ') || 'nothing'}, not of ${suite}` };
  const until = fieldOf(text, 'Valid-Until');
  if (until === undefined || ignoreValidUntil || OF_ONE_MOMENT.test(url)) return undefined;
  const isGood = new Date(until).getTime() >= now.getTime();
  return isGood ? undefined : { kind: 'expired', reason: `it was good until ${until}` };
}

function fieldOf(text: string, name: string): string | undefined {
  return new RegExp(`^${name}:[ \t]*(.*)$`, 'm').exec(text)?.[1]?.trim();
}
