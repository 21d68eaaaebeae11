import type { ErrorCode } from '../../errors.js';
import { AwsError } from './api.js';
import { codeOf, isNetworkError } from './retry-policy.js';

const SIGN_IN =
  'Sign in again (`aws sso login`, or new keys), or name another profile with AWS_PROFILE. kiln asks for nothing more than the AWS CLI does.';
const PERMISSION =
  'The policies kiln needs, one per verb, are in policies/; docs/aws.md tells how to use them.';
const QUOTA =
  'Ask for more in the Service Quotas console (EC2, On-Demand instances), or choose smaller ones: --instance-type.';

/** What to do about AWS's own codes. Source: EC2 error codes, Auto Scaling common errors. */
const MENDS: Readonly<Record<string, string>> = {
  AuthFailure: `${SIGN_IN} A region that is not enabled in the account says the same.`,
  ExpiredToken: SIGN_IN,
  ExpiredTokenException: SIGN_IN,
  InvalidClientTokenId: SIGN_IN,
  UnrecognizedClientException: SIGN_IN,
  SignatureDoesNotMatch: `The secret key is wrong, or a proxy changed the request. ${SIGN_IN}`,
  RequestExpired: 'Is the clock of this machine right? Otherwise sign in again.',
  OptInRequired: 'Enable the service or region in the account first.',
  UnauthorizedOperation: PERMISSION,
  AccessDenied: PERMISSION,
  AccessDeniedException: PERMISSION,
  RequestLimitExceeded: 'Others use the account’s request rate too: run the same command in a few minutes.',
  Throttling: 'Others use the account’s request rate too: run the same command in a few minutes.',
  VcpuLimitExceeded: QUOTA,
  InstanceLimitExceeded: QUOTA,
  InsufficientInstanceCapacity:
    'AWS has none left there: try again in some minutes, give more subnets (--subnet), or other types (--instance-type).',
  InsufficientFreeAddressesInSubnet: 'Give more subnets (--subnet), or larger ones.',
  PendingVerification: 'AWS is verifying the account, which takes up to four hours.',
};

/**
 * An error of the SDK as kiln tells it: which call, AWS's own words, its code, the request id for AWS's support, and the
 * mend. What the SDK did not throw (a defect) comes back as it is.
 */
export function explainError(error: unknown, { call, region }: { call: string; region: string }): unknown {
  if (!(error instanceof Error) || error instanceof AwsError) return error;
  if (/^(CredentialsProvider|TokenProvider)Error$/.test(error.name)) return noCredentials(error);
  if (isNetworkError(error)) return noAnswer(error, { call, region });
  const { $metadata } = error as { $metadata?: { requestId?: string; httpStatusCode?: number } };
  if ($metadata === undefined) return error;
  const { requestId, httpStatusCode } = $metadata;
  if (!('$fault' in error)) {
    return make(
      `${call} got an answer that is not AWS’s (HTTP ${httpStatusCode ?? 'without a status'})`,
      error,
      { hint: 'Is a proxy in between, or is AWS_ENDPOINT_URL wrong?' },
    );
  }
  const awsCode = plainCode(error.name);
  const origin = [awsCode, ...(requestId === undefined ? [] : [`request ${requestId}`])].join(', ');
  return make(`${call}: ${plain(error.message)} (${origin})`, error, { awsCode, hint: MENDS[awsCode] });
}

/** AWS's own word: of Auto Scaling's codes the SDK makes names such as `ResourceInUseFault`. */
function plainCode(name: string): string {
  return name.replace(/(?<=.)Fault$/, '');
}

function noCredentials(error: Error): AwsError {
  return make(`No credentials for AWS: ${plain(error.message)}`, error, {
    code: 'CREDENTIALS_MISSING',
    hint: 'Sign in as for the AWS CLI: `aws sso login`, AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY. A dry run needs none.',
  });
}

function noAnswer(error: Error, { call, region }: { call: string; region: string }): AwsError {
  const { hostname, address } = error as { hostname?: string; address?: string };
  const whom = hostname ?? address ?? 'AWS';
  return make(`${call}: no answer from ${whom} (${codeOf(error) || error.name})`, error, {
    awsCode: codeOf(error) || error.name,
    hint:
      hostname === undefined
        ? 'Is the network up, and a proxy or AWS_ENDPOINT_URL right?'
        : `Is the network up, and is there a region ${region}?`,
  });
}

/** The encoded part is of use only to who may decode it, and fills a screen. */
function plain(message: string): string {
  return message
    .replace(/\s*Encoded authorization failure message:.*$/s, '')
    .replace(/\s+/g, ' ')
    .trim();
}

function make(
  message: string,
  cause: Error,
  { awsCode = cause.name, hint, code }: { awsCode?: string; hint?: string | undefined; code?: ErrorCode },
): AwsError {
  return new AwsError(message, {
    awsCode,
    cause,
    ...(hint === undefined ? {} : { hint }),
    ...(code === undefined ? {} : { code }),
  });
}
