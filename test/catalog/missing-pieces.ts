import { loadNetwork } from '../../src/catalog/load-catalog.js';
import type { Plan } from '../../src/plan/types.js';
import { cniPieces } from './missing/cni.js';
import { kernelPieces, portPieces } from './missing/kernel-and-ports.js';
import { permissionPieces } from './missing/permissions.js';
import { imagePieces, programPieces } from './missing/programs-and-artifacts.js';
import { scriptPieces, unitPieces } from './missing/units-and-helpers.js';

/** Everything the network of a plan names that the plan does not bring, one line each; empty when it is complete. */
export function missingPieces(plan: Plan): string[] {
  const network = loadNetwork(plan.spec.network);
  const image = { plan, network, files: new Map(plan.files.map((file) => [file.path, file])) };
  return [
    ...unitPieces(image),
    ...scriptPieces(image),
    ...cniPieces(image),
    ...kernelPieces(image),
    ...portPieces(image),
    ...programPieces(image),
    ...permissionPieces(image),
    ...imagePieces(image),
  ];
}
