import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { type Account, createAccount, newId } from './account.js';
import * as autoScaling from './auto-scaling.js';
import * as describe from './describe.js';
import * as attached from './disks-and-interfaces.js';
import * as instances from './instances.js';
import { Parameters } from './parameters.js';
import { Refusal } from './refusal.js';
import * as templates from './templates.js';
import { escapeXml, toXml, type XmlValue } from './xml.js';

type Handler = (account: Account, p: Parameters, fingerprint: string) => XmlValue;

/** Everything kiln may call; written from AWS's API references, not from kiln. */
const HANDLERS: Record<string, Handler> = {
  'ec2:CreateLaunchTemplate': templates.createLaunchTemplate,
  'ec2:CreateLaunchTemplateVersion': templates.createLaunchTemplateVersion,
  'ec2:DeleteLaunchTemplate': templates.deleteLaunchTemplate,
  'ec2:DeleteNetworkInterface': attached.deleteNetworkInterface,
  'ec2:DeleteVolume': attached.deleteVolume,
  'ec2:DescribeImages': describe.describeImages,
  'ec2:DescribeInstances': describe.describeInstances,
  'ec2:DescribeInstanceStatus': describe.describeInstanceStatus,
  'ec2:DescribeInstanceTypes': describe.describeInstanceTypes,
  'ec2:DescribeLaunchTemplates': describe.describeLaunchTemplates,
  'ec2:DescribeLaunchTemplateVersions': describe.describeLaunchTemplateVersions,
  'ec2:DescribeNetworkInterfaces': attached.describeNetworkInterfaces,
  'ec2:DescribeSecurityGroups': describe.describeSecurityGroups,
  'ec2:DescribeSubnets': describe.describeSubnets,
  'ec2:DescribeVolumes': attached.describeVolumes,
  'ec2:GetConsoleOutput': instances.getConsoleOutput,
  'ec2:RunInstances': instances.runInstances,
  'ec2:TerminateInstances': instances.terminateInstances,
  'autoscaling:CreateAutoScalingGroup': autoScaling.createAutoScalingGroup,
  'autoscaling:DeleteAutoScalingGroup': autoScaling.deleteAutoScalingGroup,
  'autoscaling:DescribeAutoScalingGroups': autoScaling.describeAutoScalingGroups,
  'autoscaling:DescribeScalingActivities': autoScaling.describeScalingActivities,
  'autoscaling:UpdateAutoScalingGroup': autoScaling.updateAutoScalingGroup,
  'iam:GetInstanceProfile': getInstanceProfile,
};

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
    const fingerprint = instances.fingerprintOf(all);
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
    env: {
      AWS_ENDPOINT_URL: url,
      AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE',
      AWS_SECRET_ACCESS_KEY: 'not-a-secret',
      AWS_REGION: account.region,
      AWS_EC2_METADATA_DISABLED: 'true',
    },
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

/** Which service a request is for is in its signature. */
function serviceOf(request: IncomingMessage): string {
  const credential = /Credential=[^/]+\/\d+\/[^/]+\/([^/]+)\/aws4_request/.exec(
    request.headers.authorization ?? '',
  );
  return credential?.[1] ?? 'unsigned';
}

function successOf(service: string, action: string, result: XmlValue): string {
  const name = action.slice(service.length + 1);
  const requestId = newId('request');
  if (service === 'ec2')
    return `<${name}Response xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">${toXml({ requestId }, 'item')}${toXml(result, 'item')}</${name}Response>`;
  const metadata = `<ResponseMetadata>${toXml({ RequestId: requestId }, 'member')}</ResponseMetadata>`;
  return `<${name}Response><${name}Result>${toXml(result, 'member')}</${name}Result>${metadata}</${name}Response>`;
}

function errorOf(service: string, { code, message, status }: Refusal): string {
  const error = `<Code>${code}</Code><Message>${escapeXml(message)}</Message>`;
  if (service === 'ec2')
    return `<Response><Errors><Error>${error}</Error></Errors><RequestID>x</RequestID></Response>`;
  const type = status < 500 ? 'Sender' : 'Receiver';
  return `<ErrorResponse><Error><Type>${type}</Type>${error}</Error><RequestId>x</RequestId></ErrorResponse>`;
}

function send(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, { 'content-type': 'text/xml;charset=UTF-8' });
  response.end(`<?xml version="1.0" encoding="UTF-8"?>\n${body}`);
}

interface Bucket {
  take(): boolean;
}

function createBucket({ size, perSecond }: { size: number; perSecond: number }): Bucket {
  let left = size;
  let last = Date.now();
  return {
    take() {
      const now = Date.now();
      left = Math.min(size, left + ((now - last) / 1000) * perSecond);
      last = now;
      if (left < 1) return false;
      left -= 1;
      return true;
    },
  };
}

function getInstanceProfile(account: Account, p: Parameters): XmlValue {
  const name = p.required('InstanceProfileName');
  if (!account.profiles.has(name))
    throw new Refusal('NoSuchEntity', `Instance Profile ${name} cannot be found.`, 404);
  return {
    InstanceProfile: {
      InstanceProfileName: name,
      InstanceProfileId: 'AIPAEXAMPLEEXAMPLEEX',
      Arn: `arn:aws:iam::${account.id}:instance-profile/${name}`,
      Path: '/',
      CreateDate: '2026-11-01T00:00:00Z',
      Roles: [],
    },
  };
}
