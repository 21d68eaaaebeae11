import path from 'node:path';
import { makeDebianBase } from '../../build/packer/make-debian-base.js';
import { formatActions, printResult } from '../print.js';
import { withSession } from '../session.js';

interface BaseOptions {
  os: string;
  out: string;
  dryRun?: true | undefined;
  json?: true | undefined;
}

/** `bake base`: prints the disk's path. */
export async function runBase(options: BaseOptions): Promise<void> {
  const out = path.resolve(options.out);
  await withSession(options, async ({ gate, progress }) => {
    await makeDebianBase({ gate, os: options.os, out, progress });
    if (gate.dryRun) printResult(gate.actions, formatActions(gate.actions), options);
    else printResult({ base: out }, path.relative('', out), options);
  });
}
