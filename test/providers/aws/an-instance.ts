import type { AwsInstance } from '../../../src/providers/aws/types.js';

/** A running master of cluster demo, but for what is said. */
export function anInstance(but: Partial<AwsInstance> = {}): AwsInstance {
  return {
    id: 'i-1',
    name: 'demo-master-1',
    roles: ['master'],
    state: 'running',
    stateReason: undefined,
    type: 'm6i.large',
    subnet: 'subnet-a',
    zone: 'eu-west-1a',
    address: '10.0.0.1',
    publicAddress: undefined,
    imageId: 'ami-1',
    launched: '2026-11-21T10:00:00.000Z',
    group: undefined,
    ...but,
  };
}
