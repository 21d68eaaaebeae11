import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { KilnError } from '../errors.js';
import type { Gate } from '../gate/gate.js';
import { runCommand } from '../gate/run-command.js';

/** The fields of a journal entry that are read here; systemd.journal-fields(7) explains each. */
export interface JournalEntry {
  MESSAGE?: string;
  MESSAGE_ID?: string;
  PRIORITY?: string;
  UNIT?: string;
  JOB_TYPE?: string;
  JOB_RESULT?: string;
  UNIT_RESULT?: string;
  N_RESTARTS?: string;
  SYSLOG_IDENTIFIER?: string;
  KERNEL_USEC?: string;
  INITRD_USEC?: string;
  USERSPACE_USEC?: string;
  _PID?: string;
  _SYSTEMD_UNIT?: string;
  _BOOT_ID?: string;
  /** Microseconds since the kernel started, by the kernel's own log. */
  _SOURCE_MONOTONIC_TIMESTAMP?: string;
  /** Microseconds since the kernel started. */
  __MONOTONIC_TIMESTAMP: string;
}

const FIELDS = [
  ...['MESSAGE', 'MESSAGE_ID', 'PRIORITY', 'UNIT', 'JOB_TYPE', 'JOB_RESULT', 'UNIT_RESULT', 'N_RESTARTS'],
  ...[
    'SYSLOG_IDENTIFIER',
    'KERNEL_USEC',
    'INITRD_USEC',
    'USERSPACE_USEC',
    '_PID',
    '_SYSTEMD_UNIT',
    '_BOOT_ID',
    '_SOURCE_MONOTONIC_TIMESTAMP',
  ],
];

/**
 * The entries of the newest boot in a copied `/var/log/journal`, in the order they were written.
 *
 * @throws KilnError IMAGE_INVALID when the image keeps no journal on disk, or nothing was written to it.
 */
export async function readJournal(gate: Gate, journal: string): Promise<JournalEntry[]> {
  const machines = await readdir(journal).catch(() => []);
  const args = machines.flatMap((machine) => ['-D', path.join(journal, machine)]).slice(0, 2);
  if (args.length === 0) throw noJournal('there is no journal on its disk');
  const text = await runCommand(
    gate,
    {
      file: 'journalctl',
      args: [...args, '--no-pager', '-o', 'json', `--output-fields=${FIELDS.join(',')}`],
      reason: 'read the journal of the boot',
    },
    { capture: true },
  );
  const entries = text.split('\n').filter(Boolean).map(parseEntry);
  const boot = entries.at(-1)?._BOOT_ID;
  if (boot === undefined) throw noJournal('its journal is empty');
  return entries.filter((entry) => entry._BOOT_ID === boot);
}

function noJournal(what: string): KilnError {
  return new KilnError('IMAGE_INVALID', `Cannot tell what the image did at boot: ${what}`, {
    hint: 'The image must keep its journal on disk: journald with Storage=persistent.',
  });
}

/** journalctl prints a field that is not plain text as a list of bytes. */
function parseEntry(line: string): JournalEntry {
  const entry = JSON.parse(line) as Record<string, string | number[]>;
  const text = Object.entries(entry).map(([key, value]) => [key, textOf(value)]);
  return Object.fromEntries(text) as JournalEntry;
}

function textOf(value: string | number[]): string {
  return Array.isArray(value) ? Buffer.from(value.map(Number)).toString('utf8') : String(value);
}
