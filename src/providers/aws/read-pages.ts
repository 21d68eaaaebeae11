import type { AwsApi } from './api.js';
import type { Input, Output, ReadName } from './calls.js';

/**
 * All pages of a call that lists things, one after the other; nothing in a dry run.
 *
 * @throws AwsError
 */
export async function readPages<N extends ReadName, T>(
  api: AwsApi,
  name: N,
  input: Input<N>,
  itemsOf: (page: Output<N>) => readonly T[] | undefined,
): Promise<T[]> {
  const items: T[] = [];
  for (let token: string | undefined, first = true; first || token !== undefined; first = false) {
    const page = await api.read(name, token === undefined ? input : withToken(input, token));
    if (page === undefined) return [];
    items.push(...(itemsOf(page) ?? []));
    // AWS ends some lists with an empty token, some with none.
    token = (page as { NextToken?: string }).NextToken || undefined;
  }
  return items;
}

function withToken<T>(input: T, NextToken: string): T {
  return Object.assign({}, input, { NextToken });
}
