/** A process of its own for one fetch: prints the error it ends in as JSON. */
import { fetchArtifacts } from '../../src/artifacts/fetch-artifacts.js';
import { KilnError } from '../../src/errors.js';
import { createGate } from '../../src/gate/gate.js';

const artifact = JSON.parse(process.argv[2] ?? '');
try {
  await fetchArtifacts({ gate: createGate({}), artifacts: [artifact] });
  console.log('{}');
} catch (error) {
  if (!(error instanceof KilnError)) throw error;
  console.log(JSON.stringify({ code: error.code, message: error.message }));
}
