import type { Progress } from '../progress.js';

/** A step that runs. */
interface Step {
  title: string;
  /** What it does now. */
  latest: string;
  /** Milliseconds since the epoch. */
  started: number;
}

/** What a person sees of the steps that run: several where work goes on side by side. */
interface View {
  /** Milliseconds between two looks at running steps. */
  interval: number;
  begin(step: Step): void;
  look(steps: readonly Step[]): void;
  finish(step: Step, beside: readonly Step[]): void;
}

/** A terminal gets one live line with the time and bytes; anything else gets a plain line per step, and a sign of life. */
export function createProgress(
  stream: NodeJS.WritableStream & { isTTY?: boolean; columns?: number },
): Progress {
  const view = stream.isTTY === true ? liveView(stream) : plainView(stream);
  const running = new Set<Step>();
  let timer: NodeJS.Timeout | undefined;
  function begin(title: string): Step {
    const step = { title, latest: '', started: Date.now() };
    running.add(step);
    view.begin(step);
    timer ??= setInterval(() => view.look([...running]), view.interval).unref();
    return step;
  }
  function finish(step: Step): void {
    running.delete(step);
    view.finish(step, [...running]);
    if (running.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  }
  return createTrack('', { begin, finish });
}

/** Steps that follow each other. */
function createTrack(
  prefix: string,
  steps: { begin(title: string): Step; finish(step: Step): void },
): Progress {
  let current: Step | undefined;
  function end(): void {
    if (current !== undefined) steps.finish(current);
    current = undefined;
  }
  function say(text: string): void {
    if (current !== undefined) current.latest = text;
  }
  return {
    step(title) {
      end();
      current = steps.begin(`${prefix}${title}`);
    },
    note: say,
    bytes: (name, received, total) => say(formatBytes(name, received, total)),
    end,
    beside: (name) => createTrack(`${prefix}${name}: `, steps),
  };
}

function plainView(stream: NodeJS.WritableStream): View {
  return {
    interval: 20_000,
    begin: ({ title }) => stream.write(`== ${title}\n`),
    look(steps) {
      for (const step of steps)
        stream.write(`   … ${[`${step.title}: ${timeOf(step)}`, step.latest].filter(Boolean).join(', ')}\n`);
    },
    finish(step, beside) {
      const which = beside.length === 0 ? '' : `${step.title}: `;
      stream.write(`   ${which}done in ${timeOf(step)}\n`);
    },
  };
}

function liveView(stream: NodeJS.WritableStream & { columns?: number }): View {
  function draw(line: string): void {
    stream.write(`\r\u001B[K${line.slice(0, Math.max(20, (stream.columns ?? 80) - 1))}`);
  }
  return {
    interval: 120,
    begin: ({ title }) => draw(title),
    look(steps) {
      const words = steps.map((step) => [step.title, timeOf(step), step.latest].filter(Boolean).join(' · '));
      draw(words.join(' | '));
    },
    finish(step) {
      draw(`✔ ${step.title} · ${timeOf(step)}`);
      stream.write('\n');
    },
  };
}

function timeOf({ started }: Step): string {
  return `${((Date.now() - started) / 1000).toFixed(1)} s`;
}

function formatBytes(name: string, received: number, total: number | undefined): string {
  const mebibytes = (bytes: number): string => (bytes / 2 ** 20).toFixed(1);
  return `${name} ${mebibytes(received)}${total === undefined ? '' : ` of ${mebibytes(total)}`} MiB`;
}
