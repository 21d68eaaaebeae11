import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Readable, Writable } from 'node:stream';

/** What one page said that it should not have: console errors, exceptions, refused content, requests to anywhere. */
export interface Complaints {
  errors: string[];
  requests: string[];
}

export interface Look {
  width: number;
  height: number;
  scheme: 'light' | 'dark';
  media?: 'screen' | 'print';
  script?: boolean;
}

export interface Browser {
  /** Opens an address in a page of its own. */
  open(url: string, look: Look): Promise<Page>;
  close(): Promise<void>;
}

export interface Page {
  /** The value of an expression in the page, as JSON. */
  evaluate<Value>(expression: string): Promise<Value>;
  /** The page as PNG, all of it or the first screen. */
  screenshot(options?: { whole?: boolean }): Promise<Buffer>;
  pdf(): Promise<Buffer>;
  /** Presses a key, e.g. `Tab`. */
  press(key: string, code: number): Promise<void>;
  complaints(): Complaints;
  close(): Promise<void>;
}

/** Debian's Chromium without a window, spoken to over a pipe: no port, and nobody else can speak to it. */
export async function startBrowser(): Promise<Browser> {
  const profile = await mkdtemp(path.join(tmpdir(), 'kiln-chromium-'));
  const child = spawn('chromium', [...ARGUMENTS, `--user-data-dir=${profile}`, 'about:blank'], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
  });
  const connection = connect(child);
  return {
    open: (url, look) => openPage(connection, url, look),
    async close() {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      await Promise.race([connection.send('Browser.close'), ended]);
      await ended;
      await rm(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** `--no-sandbox`: Chromium refuses to run as root with one; it opens nothing but kiln's own page. */
const ARGUMENTS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-dev-shm-usage',
  '--disable-background-networking',
  '--disable-component-update',
  '--no-first-run',
  '--hide-scrollbars',
  '--force-color-profile=srgb',
  '--remote-debugging-pipe',
];

type EventData = Record<string, unknown>;

interface Connection {
  send(method: string, parameters?: EventData, session?: string): Promise<Record<string, unknown>>;
  /** Calls back for every event of a session. */
  listen(session: string, callback: (method: string, parameters: EventData) => void): void;
}

interface Message {
  id?: number;
  method?: string;
  params?: EventData;
  sessionId?: string;
  result?: Record<string, unknown>;
  error?: { message: string };
}

/** The DevTools protocol over file descriptors 3 and 4: JSON messages, each ended by a NUL. */
function connect(child: ChildProcess): Connection {
  const [input, output] = [child.stdio[3] as Writable, child.stdio[4] as Readable];
  const waiting = new Map<
    number,
    { resolve(result: Record<string, unknown>): void; reject(error: Error): void }
  >();
  const listeners = new Map<string, (method: string, parameters: EventData) => void>();
  let last = 0;
  let unread = '';
  input.on('error', () => {});
  child.once('error', (error) => failAll(error));
  child.once('exit', () => failAll(new Error('chromium ended')));
  output.setEncoding('utf8').on('data', (chunk: string) => {
    const messages = `${unread}${chunk}`.split('\0');
    unread = messages.pop() ?? '';
    for (const text of messages) receive(JSON.parse(text) as Message);
  });
  return {
    send(method, params = {}, sessionId) {
      last += 1;
      const id = last;
      return new Promise((resolve, reject) => {
        waiting.set(id, { resolve, reject });
        input.write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
      });
    },
    listen(session, callback) {
      listeners.set(session, callback);
    },
  };

  function receive({ id, method, params = {}, sessionId = '', result = {}, error }: Message): void {
    if (id === undefined) {
      listeners.get(sessionId)?.(method ?? '', params);
      return;
    }
    const { resolve, reject } = waiting.get(id) ?? {};
    waiting.delete(id);
    if (error === undefined) resolve?.(result);
    else reject?.(new Error(error.message));
  }

  function failAll(error: Error): void {
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
  }
}

async function openPage(connection: Connection, url: string, look: Look): Promise<Page> {
  const { targetId } = await connection.send('Target.createTarget', { url: 'about:blank' });
  const { sessionId } = await connection.send('Target.attachToTarget', { targetId, flatten: true });
  const session = String(sessionId);
  const send = (method: string, parameters: EventData = {}): Promise<Record<string, unknown>> =>
    connection.send(method, parameters, session);
  const complaints: Complaints = { errors: [], requests: [] };
  const loaded = new Promise<void>((resolve) => {
    connection.listen(session, (method, parameters) => {
      if (method === 'Page.loadEventFired') resolve();
      else note(complaints, url, method, parameters);
    });
  });
  for (const domain of ['Page', 'Runtime', 'Log', 'Network']) await send(`${domain}.enable`);
  await send('Emulation.setScriptExecutionDisabled', { value: look.script === false });
  await send('Emulation.setDeviceMetricsOverride', {
    width: look.width,
    height: look.height,
    deviceScaleFactor: 1,
    mobile: false,
  });
  await send('Emulation.setEmulatedMedia', {
    media: look.media ?? 'screen',
    features: [{ name: 'prefers-color-scheme', value: look.scheme }],
  });
  await send('Page.navigate', { url });
  await loaded;
  return {
    async evaluate<Value>(expression: string) {
      const answer = await send('Runtime.evaluate', { expression, returnByValue: true, awaitPromise: true });
      if (answer.exceptionDetails !== undefined) throw new Error(JSON.stringify(answer.exceptionDetails));
      return (answer.result as { value: Value }).value;
    },
    async screenshot({ whole = false } = {}) {
      const { data } = await send('Page.captureScreenshot', { format: 'png', captureBeyondViewport: whole });
      return Buffer.from(String(data), 'base64');
    },
    async pdf() {
      const { data } = await send('Page.printToPDF', { printBackground: true, preferCSSPageSize: true });
      return Buffer.from(String(data), 'base64');
    },
    async press(key, code) {
      for (const type of ['keyDown', 'keyUp']) {
        await send('Input.dispatchKeyEvent', { type, key, code: key, windowsVirtualKeyCode: code });
      }
    },
    complaints: () => complaints,
    async close() {
      await connection.send('Target.closeTarget', { targetId });
    },
  };
}

function note({ errors, requests }: Complaints, own: string, method: string, parameters: EventData): void {
  if (method === 'Network.requestWillBeSent') {
    const { url } = parameters.request as { url: string };
    if (url.split('#')[0] !== own.split('#')[0]) requests.push(url);
  }
  if (method === 'Log.entryAdded') errors.push(JSON.stringify(parameters.entry));
  if (method === 'Runtime.exceptionThrown') errors.push(JSON.stringify(parameters.exceptionDetails));
  if (method === 'Runtime.consoleAPICalled') errors.push(JSON.stringify(parameters.args));
}
