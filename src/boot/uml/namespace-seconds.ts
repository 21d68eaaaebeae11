import { readdir, readFile, readlink } from 'node:fs/promises';

/** Clock ticks in a second as /proc counts them; 100 on every Linux architecture. */
const TICKS = 100;
/** Positions in /proc/PID/stat after the name: user and system time of the process, and of its ended children. */
const TIMES = [11, 12, 13, 14];

/**
 * Processor seconds used so far by all processes in the process namespace of the one whose command line has `marker` in
 * it; `undefined` when there is none but in this process's own namespace.
 */
export async function namespaceSeconds(marker: string): Promise<number | undefined> {
  const own = await namespaceOf('self');
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const namespaces = new Map(
    await Promise.all(pids.map(async (pid) => [pid, await namespaceOf(pid)] as const)),
  );
  const others = pids.filter((pid) => ![own, ''].includes(namespaces.get(pid) ?? ''));
  for (const pid of others) {
    if (!(await readProc(pid, 'cmdline')).includes(marker)) continue;
    const members = others.filter((other) => namespaces.get(other) === namespaces.get(pid));
    const ticks = await Promise.all(members.map(ticksOf));
    return ticks.reduce((sum, each) => sum + each, 0) / TICKS;
  }
  return undefined;
}

async function namespaceOf(pid: string): Promise<string> {
  return await readlink(`/proc/${pid}/ns/pid`).catch(() => '');
}

async function ticksOf(pid: string): Promise<number> {
  // The name may hold spaces and brackets, but nothing after it does.
  const fields = (await readProc(pid, 'stat')).split(') ').at(-1)?.split(' ') ?? [];
  return TIMES.reduce((sum, position) => sum + Number(fields[position] ?? 0), 0);
}

async function readProc(pid: string, file: string): Promise<string> {
  return await readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '');
}
