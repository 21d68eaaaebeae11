import type { Progress } from '../progress.js';

/** What a person sees of the step that runs. */
interface View {
  /** Milliseconds between two looks at a running step. */
  interval: number;
  begin(title: string): void;
  look(title: string, time: string, latest: string): void;
  finish(title: string, time: string): void;
}

/** A terminal gets one live line with the time and bytes; anything else gets a plain line per step, and a sign of life. */
export function createProgress(
  stream: NodeJS.WritableStream & { isTTY?: boolean; columns?: number },
): Progress {
  const view = stream.isTTY === true ? liveView(stream) : plainView(stream);
  let title = '';
  let latest = '';
  let started = Date.now();
  let timer: NodeJS.Timeout | undefined;
  const time = (): string => `${((Date.now() - started) / 1000).toFixed(1)} s`;
  function end(): void {
    if (timer === undefined) return;
    clearInterval(timer);
    timer = undefined;
    view.finish(title, time());
  }
  return {
    step(next) {
      end();
      [title, latest, started] = [next, '', Date.now()];
      view.begin(title);
      timer = setInterval(() => view.look(title, time(), latest), view.interval);
      timer.unref();
    },
    note(text) {
      latest = text;
    },
    bytes(name, received, total) {
      latest = formatBytes(name, received, total);
    },
    end,
  };
}

function plainView(stream: NodeJS.WritableStream): View {
  return {
    interval: 20_000,
    begin: (title) => stream.write(`== ${title}\n`),
    look: (title, time, latest) =>
      stream.write(`   … ${[`${title}: ${time}`, latest].filter(Boolean).join(', ')}\n`),
    finish: (_title, time) => stream.write(`   done in ${time}\n`),
  };
}

function liveView(stream: NodeJS.WritableStream & { columns?: number }): View {
  const draw = (line: string): void => {
    stream.write(`\r\u001B[K${line.slice(0, Math.max(20, (stream.columns ?? 80) - 1))}`);
  };
  return {
    interval: 120,
    begin: draw,
    look: (title, time, latest) => draw([title, time, latest].filter(Boolean).join(' · ')),
    finish(title, time) {
      draw(`✔ ${title} · ${time}`);
      stream.write('\n');
    },
  };
}

function formatBytes(name: string, received: number, total: number | undefined): string {
  const mebibytes = (bytes: number): string => (bytes / 2 ** 20).toFixed(1);
  return `${name} ${mebibytes(received)}${total === undefined ? '' : ` of ${mebibytes(total)}`} MiB`;
}
