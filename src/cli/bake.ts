import { enableCompileCache } from 'node:module';

// Halves the time to load what a command needs, from its second start on.
enableCompileCache();

const { runProgram } = await import('./program.js');
await runProgram(process.argv);
