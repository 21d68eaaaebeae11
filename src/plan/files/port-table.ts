import type { PlanInput } from '../plan-input.js';
import { ports } from '../ports.js';
import type { PlannedFile } from '../types.js';

/** What listens where, for the node's own look at it before it starts: one line per port: port protocol address unit. */
export function portTable(input: PlanInput): PlannedFile[] {
  const lines = ports(input).map(
    ({ port, protocol, address, unit }) => `${port} ${protocol} ${address} ${unit}\n`,
  );
  return [
    {
      path: '/usr/lib/kiln/ports',
      from: 'ports',
      type: 'file',
      mode: '0644',
      owner: 'root:root',
      content: `# port protocol address unit\n${lines.join('')}`,
    },
  ];
}
