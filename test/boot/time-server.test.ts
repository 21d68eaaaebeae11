import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { startTimeServer } from '../../src/boot/time-server.js';

/** Seconds between 1900 and 1970, by the calendar: 70 years, 17 of them leap years. */
const EPOCH = (70 * 365 + 17) * 86_400;
const VERSION_4_CLIENT = (4 << 3) | 3;
const SENT = 0x0123_4567_89ab_cdefn;

test('a client learns the time of this machine', async (t) => {
  const server = await startTimeServer();
  const before = Date.now() / 1000;
  const answer = await ask(t, server.port, VERSION_4_CLIENT);
  const after = Date.now() / 1000;
  await server.close();
  t.is(answer.length, 48);
  t.is(answer[0], (4 << 3) | 4, 'no leap second, version 4, server');
  t.true(answer.readUInt8(1) > 0 && answer.readUInt8(1) < 16, 'a stratum clients accept');
  t.is(answer.readBigUInt64BE(24), SENT, 'the time the client sent comes back');
  for (const offset of [16, 32, 40]) {
    const seconds = timeAt(answer, offset);
    t.true(
      seconds >= before - 0.01 && seconds <= after + 0.01,
      `${seconds} is between ${before} and ${after}`,
    );
  }
  t.true(timeAt(answer, 40) >= timeAt(answer, 32), 'it answers after it was asked');
});

test('the version of the request comes back', async (t) => {
  const server = await startTimeServer();
  const answer = await ask(t, server.port, (3 << 3) | 3);
  await server.close();
  t.is((answer.readUInt8(0) >> 3) & 7, 3);
});

test('what is no request gets no answer', async (t) => {
  const server = await startTimeServer();
  const client = createSocket('udp4');
  let answers = 0;
  client.on('message', () => {
    answers += 1;
  });
  client.send(Buffer.alloc(10, VERSION_4_CLIENT), server.port, '127.0.0.1');
  // An answer of another server must not be answered: two servers would answer each other for ever.
  client.send(Buffer.alloc(48, (4 << 3) | 4), server.port, '127.0.0.1');
  await sleep(100);
  t.is(answers, 0);
  client.close();
  await server.close();
});

test('it listens on loopback alone, and no more once closed', async (t) => {
  const server = await startTimeServer();
  await server.close();
  const again = createSocket('udp4');
  again.bind(server.port, '127.0.0.1');
  await once(again, 'listening');
  t.is(again.address().port, server.port);
  again.close();
});

async function ask(t: ExecutionContext, port: number, first: number): Promise<Buffer> {
  const client = createSocket('udp4');
  t.teardown(() => client.close());
  const request = Buffer.alloc(48);
  request.writeUInt8(first, 0);
  request.writeBigUInt64BE(SENT, 40);
  client.send(request, port, '127.0.0.1');
  const [answer] = (await once(client, 'message', { signal: AbortSignal.timeout(5000) })) as [Buffer];
  return answer;
}

/** An NTP timestamp as seconds since 1970. */
function timeAt(packet: Buffer, offset: number): number {
  return packet.readUInt32BE(offset) - EPOCH + packet.readUInt32BE(offset + 4) / 2 ** 32;
}
