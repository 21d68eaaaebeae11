import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import test, { type ExecutionContext } from 'ava';
import { AwsError } from '../../../src/providers/aws/api.js';
import { createTransport } from '../../../src/providers/aws/transport.js';
import { useEnvironment } from './a-launch.js';

interface Answer {
  status: number;
  body: string;
}

/** An endpoint that gives these answers in turn, the last one for ever. */
async function serve(t: ExecutionContext, answers: readonly Answer[]): Promise<{ requests: () => number }> {
  let requests = 0;
  const server: Server = createServer((_request, response) => {
    const { status, body } = answers[Math.min(requests, answers.length - 1)] ?? { status: 500, body: '' };
    requests += 1;
    response.writeHead(status, { 'content-type': 'text/xml', 'x-amzn-requestid': '59dbff89' }).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => server.close());
  use(t, `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  return { requests: () => requests };
}

function use(t: ExecutionContext, url: string, keys = { id: 'AKIDEXAMPLE', secret: 'not-a-secret' }): void {
  useEnvironment(t, {
    AWS_ENDPOINT_URL: url,
    AWS_ACCESS_KEY_ID: keys.id,
    AWS_SECRET_ACCESS_KEY: keys.secret,
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
    AWS_EC2_METADATA_DISABLED: 'true',
  });
}

function refusal(status: number, code: string, message: string): Answer {
  const error = `<Error><Code>${code}</Code><Message>${message}</Message></Error>`;
  return { status, body: `<Response><Errors>${error}</Errors><RequestID>59dbff89</RequestID></Response>` };
}

const EMPTY: Answer = {
  status: 200,
  body: '<DescribeInstancesResponse><requestId>r</requestId><reservationSet/></DescribeInstancesResponse>',
};

async function fail(t: ExecutionContext, signal = new AbortController().signal): Promise<AwsError> {
  const transport = createTransport({ region: 'eu-west-1' });
  const run = transport('ec2:RunInstances', { MinCount: 1, MaxCount: 1, ClientToken: 'token' }, signal);
  const error = await t.throwsAsync(run, { instanceOf: AwsError });
  if (error === undefined) throw new Error('it did not fail');
  t.notRegex(error.message, /\n\s+at /);
  return error;
}

for (const code of ['InsufficientInstanceCapacity', 'IdempotentParameterMismatch', 'VcpuLimitExceeded']) {
  test.serial(`${code} is sent once, even as HTTP 500`, async (t) => {
    const { requests } = await serve(t, [refusal(500, code, 'There is no more.')]);
    const error = await fail(t);
    t.is(requests(), 1);
    t.is(error.awsCode, code);
    t.is(error.message, `ec2:RunInstances: There is no more. (${code}, request 59dbff89)`);
  });
}

test.serial('what is throttled, or fails for a moment, is sent again', async (t) => {
  const { requests } = await serve(t, [
    refusal(503, 'RequestLimitExceeded', 'Request limit exceeded.'),
    refusal(500, 'InternalError', 'An internal error has occurred'),
    EMPTY,
  ]);
  const transport = createTransport({ region: 'eu-west-1' });
  const answer = await transport('ec2:DescribeInstances', {}, new AbortController().signal);
  t.is(requests(), 3);
  t.deepEqual(answer.Reservations ?? [], []);
});

const EXPLAINED: Record<string, [answer: Answer, message: RegExp, hint: RegExp]> = {
  'an expired token': [
    refusal(400, 'RequestExpired', 'Request has expired.'),
    /^ec2:RunInstances: Request has expired\. \(RequestExpired, request 59dbff89/,
    /clock/,
  ],
  'unknown keys': [
    refusal(401, 'AuthFailure', 'AWS was not able to validate it'),
    /AuthFailure/,
    /Sign in again/,
  ],
  'a missing right, without the encoded part': [
    refusal(
      403,
      'UnauthorizedOperation',
      'You are not authorized. Encoded authorization failure message: 4wErTy',
    ),
    /You are not authorized\. \(UnauthorizedOperation/,
    /policies\//,
  ],
  'an answer that is no answer of AWS': [
    { status: 404, body: '<!DOCTYPE html><html><body>proxy<br></body>' },
    /answer that is not AWS’s \(HTTP 404\)/,
    /AWS_ENDPOINT_URL/,
  ],
};

for (const [title, [answer, message, hint]] of Object.entries(EXPLAINED)) {
  test.serial(`tells ${title}, and the mend`, async (t) => {
    await serve(t, [answer]);
    const error = await fail(t);
    t.regex(error.message, message);
    t.notRegex(error.message, /4wErTy/);
    t.regex(error.hint ?? '', hint);
    t.is(error.exitCode, 1);
  });
}

test.serial('nobody answers: said within seconds, with whom and why', async (t) => {
  use(t, 'http://127.0.0.1:9');
  const started = performance.now();
  const error = await fail(t);
  t.regex(error.message, /no answer from 127\.0\.0\.1 \(ECONNREFUSED\)/);
  t.regex(error.hint ?? '', /network up/);
  t.true(performance.now() - started < 10_000);
});

test.serial('an endpoint that takes the request and says nothing is given up', async (t) => {
  let requests = 0;
  const server = createServer(() => {
    requests += 1;
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  use(t, `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const transport = createTransport({ region: 'eu-west-1', answerTimeout: 100 });
  const signal = AbortSignal.timeout(15_000);
  const error = await t.throwsAsync(transport('ec2:DescribeInstances', {}, signal), { instanceOf: AwsError });
  t.regex(error?.message ?? '', /^ec2:DescribeInstances: no answer from .* \(ETIMEDOUT\)/);
  t.is(requests, 4, 'as often as where nobody is there at all');
});

test.serial('without credentials it says where they would come from', async (t) => {
  await serve(t, [EMPTY]);
  useEnvironment(t, { AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '' });
  const error = await fail(t);
  t.is(error.code, 'CREDENTIALS_MISSING');
  t.is(error.exitCode, 2);
  t.regex(error.hint ?? '', /AWS_PROFILE/);
});

test.serial('an interrupt ends a call that is being repeated', async (t) => {
  await serve(t, [refusal(503, 'RequestLimitExceeded', 'Request limit exceeded.')]);
  const controller = new AbortController();
  setTimeout(() => controller.abort(new Error('stop')), 200);
  const transport = createTransport({ region: 'eu-west-1' });
  const started = performance.now();
  await t.throwsAsync(transport('ec2:DescribeInstances', {}, controller.signal), { message: 'stop' });
  t.true(performance.now() - started < 2000);
});
