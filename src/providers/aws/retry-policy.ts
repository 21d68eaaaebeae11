import { isFinalCode } from './error-codes.js';

interface RetryToken {
  getRetryCount(): number;
}

interface RetryStrategy<T extends RetryToken> {
  refreshRetryTokenForRetry(token: T, info: { error?: unknown }): Promise<T>;
}

/** Times a call is sent, the first one included: some 30 s of throttling. */
export const ATTEMPTS = 8;
/** Where nobody answers, half a minute more changes little. */
const NETWORK_RETRIES = 3;
const NETWORK_CODES = new Set([
  'EAI_AGAIN',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'ETIMEDOUT',
]);

/**
 * Takes from the SDK's own strategy (adaptive: throttled calls slow the next ones down) the calls that must not be
 * repeated as they are: those AWS has no capacity for, and those whose token it knows with other parameters.
 */
export function refuseVainRetries<T extends RetryToken>(strategy: RetryStrategy<T>): void {
  const refresh = strategy.refreshRetryTokenForRetry.bind(strategy);
  strategy.refreshRetryTokenForRetry = async (token, info) => {
    if (isVain(info.error, token.getRetryCount())) throw new Error('not to be repeated');
    return await refresh(token, info);
  };
}

/** Whether nobody answered at all. */
export function isNetworkError(error: unknown): boolean {
  return error instanceof Error && (NETWORK_CODES.has(codeOf(error)) || error.name === 'TimeoutError');
}

function isVain(error: unknown, retries: number): boolean {
  if (!(error instanceof Error)) return false;
  return isFinalCode(error.name) || (isNetworkError(error) && retries >= NETWORK_RETRIES);
}

/** Node's own code of an error: ECONNREFUSED. */
export function codeOf(error: Error): string {
  return 'code' in error ? String(error.code) : '';
}
