import { createSocket, type RemoteInfo } from 'node:dgram';
import { once } from 'node:events';

export interface TimeServer {
  /** UDP port on 127.0.0.1. */
  port: number;
  close(): Promise<void>;
}

/** Seconds from 1900, where NTP begins to count, to 1970. */
const EPOCH = 2_208_988_800;
const PACKET = 48;
const CLIENT = 3;
const SERVER = 4;
/** A reference of last resort, as a clock that follows nobody calls itself: far below any real server. */
const STRATUM = 10;
/** The reference id of a local clock, an address nobody has. */
const REFERENCE = 0x7f_7f_01_01;
/** log2 of seconds: poll every 4 s; a clock that is read to the millisecond. */
const POLL = 2;
const PRECISION = -10;

/**
 * An SNTP server on loopback that answers from this machine's clock, for guests that reach nothing but their host.
 *
 * Source of the packet's layout: RFC 5905, section 7.3 (RFC 4330, section 4, for the simple server).
 */
export async function startTimeServer(): Promise<TimeServer> {
  const socket = createSocket('udp4');
  socket.on('message', (request: Buffer, { address, port }: RemoteInfo) => {
    const received = now();
    if (request.length < PACKET || (request.readUInt8(0) & 7) !== CLIENT) return;
    // An answer that cannot be sent is one the client asks for again.
    socket.send(answer(request, received), port, address, () => {});
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return {
    port: socket.address().port,
    async close() {
      socket.close();
      await once(socket, 'close');
    },
  };
}

function answer(request: Buffer, received: bigint): Buffer {
  const packet = Buffer.alloc(PACKET);
  const version = (request.readUInt8(0) >> 3) & 7;
  packet.writeUInt8((version << 3) | SERVER, 0);
  packet.writeUInt8(STRATUM, 1);
  packet.writeInt8(POLL, 2);
  packet.writeInt8(PRECISION, 3);
  // Root delay stays zero; a root dispersion of 1/64 s, in 16.16 fixed point, admits that the host may be off.
  packet.writeUInt32BE(65_536 / 64, 8);
  packet.writeUInt32BE(REFERENCE, 12);
  packet.writeBigUInt64BE(received, 16);
  // The client's transmit time comes back as the originate time: by that it knows its answer.
  request.copy(packet, 24, 40, 48);
  packet.writeBigUInt64BE(received, 32);
  packet.writeBigUInt64BE(now(), 40);
  return packet;
}

/** This machine's clock as an NTP timestamp: seconds since 1900 and a binary fraction, 32 bits each. */
function now(): bigint {
  const milliseconds = Date.now();
  const fraction = Math.floor(((milliseconds % 1000) / 1000) * 2 ** 32);
  return (BigInt(Math.floor(milliseconds / 1000) + EPOCH) << 32n) | BigInt(fraction);
}
