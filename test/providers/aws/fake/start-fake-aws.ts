import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { awsEnvironment } from '../../../helpers/aws-environment.js';
import { type Account, createAccount } from './account.js';
import { type Bucket, createBucket } from './bucket.js';
import { HANDLERS } from './handlers.js';
import { fingerprintOf } from './instances.js';
import { Parameters } from './parameters.js';
import { Refusal } from './refusal.js';
import { errorOf, send, serviceOf, successOf } from './responses.js';
import type { XmlValue } from './xml.js';

/** Actions that answer a repeated token with what they answered before. */
const REMEMBERED = ['ec2:CreateLaunchTemplate', 'ec2:CreateLaunchTemplateVersion'];

/** One request, as it was answered. */
export interface Call {
  action: string;
  parameters: Record<string, string>;
  /** AWS's code where it was refused. */
  code?: string;
}

export interface FakeAws {
  url: string;
  /** What makes the SDK and kiln use it. */
  env: Record<string, string>;
  account: Account;
  calls: Call[];
  /** How often it was called, refused or not. */
  count(action: string): number;
  /** The next `times` requests of it are refused so, whatever they say, and change nothing. */
  refuse(action: string, refusal: { code: string; message?: string; status?: number }, times?: number): void;
  /** Requests of it draw from a bucket, as RunInstances does from the start (5, and 2 a second). */
  throttle(action: string, bucket: { size: number; perSecond: number }): void;
  /** The n-th request of it from now is done, and then the connection breaks without an answer. `then` runs in between. */
  breakAfter(action: string, n?: number, then?: () => void): void;
  /** From now on what is asked for by filters is answered with everything, as by an imitation that does not know them. */
  ignoreFilters(): void;
  close(): Promise<void>;
}

/**
 * A strict EC2, Auto Scaling and IAM on a free port of 127.0.0.1, in this process: refuses what AWS refuses and moto lets
 * pass. What it does not know (a parameter, a filter, an action) it refuses too. Ends with the test.
 */
export async function startFakeAws(
  t: { teardown(work: () => Promise<void>): void },
  account = createAccount(),
): Promise<FakeAws> {
  const calls: Call[] = [];
  const refusals = new Map<string, { refusal: Refusal; times: number }[]>();
  const buckets = new Map<string, Bucket>([['ec2:RunInstances', createBucket({ size: 5, perSecond: 2 })]]);
  const breaks = new Map<string, { n: number; then: (() => void) | undefined }>();
  let filtering = true;
  const server = createServer((request, response) => {
    void answer(request, response);
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const all = new Map(new URLSearchParams(await text(request)));
    const service = serviceOf(request);
    const action = `${service}:${all.get('Action')}`;
    all.delete('Action');
    all.delete('Version');
    const call: Call = { action, parameters: Object.fromEntries(all) };
    calls.push(call);
    try {
      const result = perform(action, all);
      if (isBroken(action)) return void response.destroy();
      send(response, 200, successOf(service, action, result));
    } catch (error) {
      const refusal =
        error instanceof Refusal ? error : new Refusal('InternalError', String((error as Error).stack), 500);
      call.code = refusal.code;
      send(response, refusal.status, errorOf(service, refusal));
    }
  }

  function perform(action: string, all: ReadonlyMap<string, string>): XmlValue {
    const handler = HANDLERS[action];
    if (handler === undefined) throw new Refusal('InvalidAction', `The action ${action} is not valid`);
    const scripted = refusals.get(action)?.find(({ times }) => times > 0);
    if (scripted !== undefined) {
      scripted.times -= 1;
      throw scripted.refusal;
    }
    if (buckets.get(action)?.take() === false)
      throw action.startsWith('ec2:')
        ? new Refusal('RequestLimitExceeded', 'Request limit exceeded.', 503)
        : new Refusal('Throttling', 'Rate exceeded');
    const heard = filtering ? all : new Map([...all].filter(([name]) => !/^Filters?\./.test(name)));
    const p = new Parameters(heard, { style: action.startsWith('ec2:') ? 'flat' : 'member' });
    if (p.flag('DryRun') === true) throw new Refusal('DryRunOperation', 'Request would have succeeded', 412);
    const fingerprint = fingerprintOf(all);
    return remembering(action, all.get('ClientToken'), fingerprint, () => {
      const result = handler(account, p, fingerprint);
      p.end();
      return result;
    });
  }

  function remembering(
    action: string,
    token: string | undefined,
    fingerprint: string,
    work: () => XmlValue,
  ): XmlValue {
    if (token === undefined || !REMEMBERED.includes(action)) return work();
    const known = account.tokens.get(`${action} ${token}`);
    if (known === undefined) {
      const result = work();
      account.tokens.set(`${action} ${token}`, { fingerprint, result });
      return result;
    }
    if (known.fingerprint === fingerprint) return known.result as XmlValue;
    throw new Refusal('IdempotentParameterMismatch', 'The client token was used with other parameters');
  }

  function isBroken(action: string): boolean {
    const found = breaks.get(action);
    if (found === undefined) return false;
    found.n -= 1;
    if (found.n > 0) return false;
    breaks.delete(action);
    found.then?.();
    return true;
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const close = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  t.teardown(close);
  return {
    url,
    env: awsEnvironment(url, account.region),
    account,
    calls,
    count: (action) => calls.filter((each) => each.action === action).length,
    refuse(action, { code, message = code, status = 400 }, times = 1) {
      const refusal = new Refusal(code, message, status);
      refusals.set(action, [...(refusals.get(action) ?? []), { refusal, times }]);
    },
    throttle: (action, bucket) => void buckets.set(action, createBucket(bucket)),
    breakAfter: (action, n = 1, then) => void breaks.set(action, { n, then }),
    ignoreFilters() {
      filtering = false;
    },
    close,
  };
}
