import { fetchText, TextProblem } from '../artifacts/fetch-text.js';
import type { Gate } from '../gate/gate.js';

/** A question nobody answered. */
export interface Unanswered {
  /** What it was about: a lock entry's name. */
  about: string;
  url: string;
  reason: string;
}

/** Asks publishers, each URL once, and keeps account of what could not be asked. */
export interface Asker {
  /** The text at `url`; `undefined` when it cannot be had, which is noted, and in a dry run, where nothing is asked. */
  ask(url: string, about: string): Promise<string | undefined>;
  /** Notes that an answer was of no use, or that something else could not be asked. */
  note(unanswered: Unanswered): void;
  /** Counts an answer that no URL gave: AWS's, or a mirror's lock. */
  hear(): void;
  readonly unanswered: readonly Unanswered[];
  /** Whether questions were asked, and none answered; never so in a dry run. */
  readonly isUnheard: boolean;
}

export function createAsker({
  gate,
  mirror,
  offline,
}: {
  gate: Gate;
  mirror?: string | undefined;
  offline?: boolean | undefined;
}): Asker {
  const asked = new Map<string, Promise<string | TextProblem | undefined>>();
  const unanswered: Unanswered[] = [];
  let hasAnswer = false;
  async function request(url: string): Promise<string | TextProblem | undefined> {
    try {
      return await gate.perform({ verb: 'ask', target: url }, (signal) =>
        fetchText(url, { mirror, offline, signal }),
      );
    } catch (error) {
      if (error instanceof TextProblem) return error;
      throw error;
    }
  }
  return {
    async ask(url, about) {
      const pending = asked.get(url) ?? request(url);
      asked.set(url, pending);
      const answer = await pending;
      if (answer instanceof TextProblem) unanswered.push({ about, url, reason: answer.reason });
      if (typeof answer !== 'string') return undefined;
      hasAnswer = true;
      return answer;
    },
    note(entry) {
      unanswered.push(entry);
    },
    hear() {
      hasAnswer = true;
    },
    unanswered,
    get isUnheard() {
      return !gate.dryRun && !hasAnswer && unanswered.length > 0;
    },
  };
}
