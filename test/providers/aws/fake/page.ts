import type { Account } from './account.js';
import type { Parameters } from './parameters.js';
import { Refusal } from './refusal.js';

/** One page of an answer, and the token of the next. Ids and a page size exclude each other, and ids are never paged. */
export function page<T>(
  account: Account,
  p: Parameters,
  all: readonly T[],
  {
    min,
    max,
    ids,
    names = { size: 'MaxResults', token: 'NextToken' },
    code = 'InvalidNextToken',
  }: {
    min: number;
    max: number;
    ids: readonly string[];
    names?: { size: string; token: string };
    code?: string;
  },
): { items: T[]; nextToken: string | undefined } {
  const size = p.integer(names.size, { min, max });
  const token = p.text(names.token);
  if (ids.length > 0 && size !== undefined)
    throw new Refusal('InvalidParameterCombination', `The parameter ${names.size} cannot be used with IDs`);
  if (token !== undefined && !/^page-\d+$/.test(token))
    throw new Refusal(code, `The token '${token}' is invalid`);
  const start = token === undefined ? 0 : Number(token.slice('page-'.length));
  const count = ids.length > 0 ? all.length : Math.min(size ?? max, account.pageSize);
  const end = start + count;
  return { items: all.slice(start, end), nextToken: end < all.length ? `page-${end}` : undefined };
}
