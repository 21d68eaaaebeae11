import { type Command, CommanderError } from '@commander-js/extra-typings';

/** Parses and runs; sets the exit status: 2 for a wrong command line, what the error says for the rest. */
export async function runCommandLine(program: Command, argv: readonly string[]): Promise<void> {
  try {
    await program.parseAsync(argv);
  } catch (error) {
    process.exitCode =
      error instanceof CommanderError
        ? usageStatus(error)
        : (await import('./report-error.js')).reportError(error);
  }
}

function usageStatus(error: CommanderError): number {
  return error.exitCode === 0 ? 0 : 2;
}
