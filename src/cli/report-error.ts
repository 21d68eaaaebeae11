import { KilnError } from '../errors.js';
import { programName } from './program-name.js';

/** Prints an error on stderr and returns the exit status: no stack for what kiln expected, a full one for a defect. */
export function reportError(error: unknown, stream: NodeJS.WritableStream = process.stderr): number {
  if (error instanceof KilnError) {
    stream.write(`${programName()}: ${error.message}\n`);
    if (error.hint !== undefined) stream.write(`  ${error.hint}\n`);
    return error.exitCode;
  }
  if (isAbort(error)) {
    stream.write(`${programName()}: interrupted; nothing half-made was left behind\n`);
    return 130;
  }
  if (isDiskFull(error)) {
    stream.write(
      `${programName()}: the disk is full: ${error.message}\n  Free some space, or choose other folders with --out and XDG_CACHE_HOME.\n`,
    );
    return 1;
  }
  stream.write(
    `${programName()}: this is a defect of kiln, please report it\n${error instanceof Error ? error.stack : String(error)}\n`,
  );
  return 1;
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && (error.name === 'AbortError' || error.name === 'InterruptedError');
}

function isDiskFull(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'code' in error && error.code === 'ENOSPC';
}
