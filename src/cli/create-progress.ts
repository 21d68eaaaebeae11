import type { Progress } from '../progress.js';

/** How often a live line is redrawn, and how often a quiet step says in a log that it still runs; milliseconds. */
const REDRAW_INTERVAL = 120;
const HEARTBEAT_INTERVAL = 20_000;

/** A terminal gets one live line with the time and bytes; anything else gets a plain line per step. */
export function createProgress(stream: NodeJS.WriteStream): Progress {
  return stream.isTTY === true ? createLiveProgress(stream) : createPlainProgress(stream);
}

function createPlainProgress(stream: NodeJS.WritableStream): Progress {
  let title = '';
  let latest = '';
  let started = Date.now();
  let timer: NodeJS.Timeout | undefined;
  function heartbeat(): void {
    stream.write(`   … ${title}: ${seconds(started)}${latest === '' ? '' : `, ${latest}`}\n`);
  }
  return {
    step(next) {
      finish();
      title = next;
      latest = '';
      started = Date.now();
      stream.write(`== ${title}\n`);
      timer = setInterval(heartbeat, HEARTBEAT_INTERVAL);
      timer.unref();
    },
    note(text) {
      latest = text;
    },
    bytes(name, received, total) {
      latest = formatBytes(name, received, total);
    },
    end: finish,
  };
  function finish(): void {
    if (timer === undefined) return;
    clearInterval(timer);
    timer = undefined;
    stream.write(`   done in ${seconds(started)}\n`);
  }
}

function createLiveProgress(stream: NodeJS.WriteStream): Progress {
  let title = '';
  let latest = '';
  let started = Date.now();
  let timer: NodeJS.Timeout | undefined;
  function draw(): void {
    const line = `${title} · ${seconds(started)}${latest === '' ? '' : ` · ${latest}`}`;
    stream.write(`\r\u001B[K${line.slice(0, Math.max(20, stream.columns - 1))}`);
  }
  return {
    step(next) {
      finish();
      title = next;
      latest = '';
      started = Date.now();
      draw();
      timer = setInterval(draw, REDRAW_INTERVAL);
      timer.unref();
    },
    note(text) {
      latest = text;
    },
    bytes(name, received, total) {
      latest = formatBytes(name, received, total);
    },
    end: finish,
  };
  function finish(): void {
    if (timer === undefined) return;
    clearInterval(timer);
    timer = undefined;
    stream.write(`\r\u001B[K✔ ${title} · ${seconds(started)}\n`);
  }
}

function seconds(started: number): string {
  return `${((Date.now() - started) / 1000).toFixed(1)} s`;
}

function formatBytes(name: string, received: number, total: number | undefined): string {
  const mebibytes = (bytes: number): string => (bytes / 2 ** 20).toFixed(1);
  return `${name} ${mebibytes(received)}${total === undefined ? '' : ` of ${mebibytes(total)}`} MiB`;
}
