import { plainText } from '../../boot/virtual-machine.js';
import { type AwsApi, AwsError } from './api.js';

/** What GetConsoleOutput says of instance types that keep no live console: those before Nitro. */
const NOT_LIVE = new Set(['UnsupportedOperation', 'Unsupported', 'InvalidParameterCombination']);

/**
 * What a node wrote to its serial console, as AWS has it now (64 KiB at most, without escape sequences); `undefined` when AWS has
 * none yet, which can take minutes after a start.
 *
 * @throws AwsError
 */
export async function consoleOutput(api: AwsApi, instanceId: string): Promise<string | undefined> {
  const encoded = await readOutput(api, instanceId);
  if (encoded === undefined || encoded === '') return undefined;
  return plainText(Buffer.from(encoded, 'base64').toString('utf8'));
}

/** The last lines of it that hold anything, for a message on a node that did not come up; none when AWS has none, or says no. */
export async function consoleTail(api: AwsApi, instanceId: string, lines: number): Promise<string[]> {
  const text = await consoleOutput(api, instanceId).catch((error) => {
    // Whoever asks has a failure to tell already.
    if (error instanceof AwsError) return undefined;
    throw error;
  });
  return (text ?? '')
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => line !== '')
    .slice(-lines);
}

/** What is on the console now, else what AWS kept of it: an instance that ended has only that. */
async function readOutput(api: AwsApi, InstanceId: string): Promise<string | undefined> {
  const call = 'ec2:GetConsoleOutput';
  const live = await api.read(call, { InstanceId, Latest: true }).catch((error) => {
    if (error instanceof AwsError && NOT_LIVE.has(error.awsCode)) return undefined;
    throw error;
  });
  return live?.Output || (await api.read(call, { InstanceId }))?.Output;
}
