/** As AWS words it: with its code, or without. */
const PATTERN = /^(Client\.UserInitiatedShutdown|User initiated)/;

/** Whether an instance ended on somebody's word, given AWS's reason for its state: nothing is wrong with it then. */
export function endedByOthers(reason: string): boolean {
  return PATTERN.test(reason);
}
