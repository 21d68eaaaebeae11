import path from 'node:path';
import type { Gate } from '../gate/gate.js';
import { parseJournal } from './parse-journal.js';
import { readCloudInit } from './read-cloud-init.js';
import { readDisk } from './read-disk.js';
import { readJournal } from './read-journal.js';
import { readMarkers } from './read-markers.js';
import type { BootReport } from './types.js';

/** What is copied off the disk afterwards: nothing was added to the image to read it, only its own traces are read. */
const TRACES = ['/var/log/journal', '/var/log/cloud-init.log', '/var/lib/cloud/data', '/etc/sysconfig'];

/**
 * What the newest boot left on a raw disk (a copy: it is repaired where the guest was cut off). Temporary files go to `folder`.
 *
 * @throws KilnError IMAGE_INVALID when there is no journal.
 */
export async function readReport(
  gate: Gate,
  disk: string,
  folder: string,
): Promise<Omit<BootReport, 'accelerator' | 'reached' | 'poweredOff' | 'consoleTail'>> {
  const out = path.join(folder, 'traces');
  await readDisk({ gate, disk, paths: TRACES, out });
  const facts = parseJournal(await readJournal(gate, path.join(out, 'var/log/journal')));
  const cloud = await readCloudInit(out);
  return {
    ...facts,
    seconds: { ...facts.seconds, cloudInit: cloud.seconds, toLogin: undefined },
    cloudInit: cloud.report,
    markers: await readMarkers(path.join(out, 'etc/sysconfig')),
  };
}
