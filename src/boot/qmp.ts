import { connect, type Socket } from 'node:net';

/** A connection to QEMU's machine protocol. Every command is bounded in time. */
export interface Qmp {
  /** The command's `return` value. @throws Error when QEMU refuses, closes or does not answer in 5 s. */
  execute(command: string, args?: Record<string, unknown>): Promise<unknown>;
  close(): void;
}

const ANSWER_TIMEOUT = 5000;

/** Connects to a QMP socket QEMU already listens on and negotiates. */
export async function connectQmp(path: string): Promise<Qmp> {
  const socket = await open(path);
  const waiting: ((message: Message) => void)[] = [];
  let rest = '';
  socket.setEncoding('utf8');
  socket.on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const message = JSON.parse(line) as Message;
      // The greeting and events arrive unasked; answers come in the order of the commands.
      if ('return' in message || 'error' in message) waiting.shift()?.(message);
    }
  });
  socket.on('close', () => {
    for (const answer of waiting.splice(0)) answer({ error: { desc: 'QEMU closed the connection' } });
  });
  async function execute(command: string, args: Record<string, unknown> = {}): Promise<unknown> {
    const message = await new Promise<Message>((resolve) => {
      const timer = setTimeout(() => resolve({ error: { desc: 'no answer' } }), ANSWER_TIMEOUT);
      waiting.push((answer) => {
        clearTimeout(timer);
        resolve(answer);
      });
      socket.write(`${JSON.stringify({ execute: command, arguments: args })}\n`);
    });
    if (message.error !== undefined) throw new Error(`QEMU: ${command}: ${message.error.desc}`);
    return message.return;
  }
  await execute('qmp_capabilities');
  return { execute, close: () => socket.destroy() };
}

interface Message {
  return?: unknown;
  error?: { desc: string };
}

function open(path: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.off('error', reject);
      // A later error is always followed by `close`, which is where waiting commands are answered.
      socket.on('error', () => {});
      resolve(socket);
    });
    socket.once('error', reject);
  });
}
