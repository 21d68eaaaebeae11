import { type Command, CommanderError } from '@commander-js/extra-typings';

/** Parses and runs; sets the exit status: 2 for a wrong command line, what the error says for the rest. */
export async function runCommandLine(program: Command, argv: readonly string[]): Promise<void> {
  bearLostReaders();
  try {
    await program.parseAsync(argv);
  } catch (error) {
    process.exitCode =
      error instanceof CommanderError
        ? usageStatus(error)
        : (await import('./report-error.js')).reportError(error);
  }
}

/** Who reads may be gone by the same Ctrl-C (`… | tee log`): what was begun is tidied up all the same. */
function bearLostReaders(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE' && error.code !== 'EIO') throw error;
    });
  }
}

function usageStatus(error: CommanderError): number {
  return error.exitCode === 0 ? 0 : 2;
}
