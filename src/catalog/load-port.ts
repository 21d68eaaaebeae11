import { loadNodeCatalog } from './load-node-catalog.js';

/** The port a unit listens on, from `catalog/ports.yaml`: for everybody (0.0.0.0), or on the node itself (127.0.0.1). */
export function loadPort(unit: string, address: '0.0.0.0' | '127.0.0.1'): number {
  const found = loadNodeCatalog().ports.filter((port) => port.unit === unit && port.address === address);
  const [only] = found;
  if (only !== undefined && found.length === 1) return only.port;
  throw new RangeError(`${unit} has ${found.length} ports at ${address}`);
}
