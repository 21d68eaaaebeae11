import { KilnError } from '../../../errors.js';

/** For `catch`: what an interrupt left behind, where that is not nothing. Any other error goes on as it is. */
export function interruptedMeans(message: string, hint: string): (error: unknown) => never {
  return (error) => {
    if (!(error instanceof KilnError && error.code === 'INTERRUPTED')) throw error;
    throw new KilnError('INTERRUPTED', `interrupted; ${message}`, { hint });
  };
}
