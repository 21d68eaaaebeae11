import test from 'ava';
import { consoleOutput, consoleTail } from '../../../src/providers/aws/console-output.js';
import { awsError, recordedApi } from './recorder.js';

const TEXT = '\u001B[0;32mStarting kernel\u001B[0m\r\nkube-role: ready\r\n\r\nlogin:\r\n';

function encoded(text: string): { Output: string } {
  return { Output: Buffer.from(text).toString('base64') };
}

test('asks for the newest output, decodes it and takes escape sequences out', async (t) => {
  const { api, calls } = recordedApi({ 'ec2:GetConsoleOutput': () => encoded(TEXT) });
  t.is(await consoleOutput(api, 'i-1'), 'Starting kernel\nkube-role: ready\n\nlogin:\n');
  t.deepEqual(calls, [{ name: 'ec2:GetConsoleOutput', input: { InstanceId: 'i-1', Latest: true } }]);
});

test('where there is no live console the buffered one is taken', async (t) => {
  const { api } = recordedApi({
    'ec2:GetConsoleOutput': ({ Latest }) => {
      if (Latest === true) throw awsError('UnsupportedOperation');
      return encoded('old\n');
    },
  });
  t.is(await consoleOutput(api, 'i-1'), 'old\n');
});

test('an instance that ended has no live output, and its last one is taken', async (t) => {
  const { api } = recordedApi({
    'ec2:GetConsoleOutput': ({ Latest }) => (Latest === true ? { Output: '' } : encoded('last words\n')),
  });
  t.is(await consoleOutput(api, 'i-1'), 'last words\n');
});

test('nothing yet is undefined; what AWS refuses is told', async (t) => {
  t.is(await consoleOutput(recordedApi({}).api, 'i-1'), undefined);
  const { api } = recordedApi({
    'ec2:GetConsoleOutput': () => {
      throw awsError('UnauthorizedOperation', 'not allowed');
    },
  });
  await t.throwsAsync(consoleOutput(api, 'i-1'), { message: 'not allowed' });
  t.deepEqual(await consoleTail(api, 'i-1', 3), [], 'a failure is being told already');
});

test('the tail has the last lines that hold anything', async (t) => {
  const { api } = recordedApi({ 'ec2:GetConsoleOutput': () => encoded(TEXT) });
  t.deepEqual(await consoleTail(api, 'i-1', 2), ['kube-role: ready', 'login:']);
});
