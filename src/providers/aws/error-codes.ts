/** This subnet or type has no more: another may. The SDK would repeat those that come as HTTP 500. */
const POOL_EMPTY = [
  'InsufficientInstanceCapacity',
  'InsufficientHostCapacity',
  'InsufficientCapacity',
  'ReservationCapacityExceeded',
  'UnfulfillableCapacity',
  'Unsupported',
] as const;
/** The account may not have more of this type, wherever. */
const QUOTA_REACHED = ['VcpuLimitExceeded', 'InstanceLimitExceeded', 'MaxSpotInstanceCountExceeded'] as const;
/** The subnet is full, whatever the type. */
const SUBNET_FULL = ['InsufficientFreeAddressesInSubnet'] as const;

/** The token was used for a call with other parameters. */
export const TOKEN_MISMATCH = 'IdempotentParameterMismatch';

/** How far a refusal reaches: this type in this subnet, the subnet, or the type. */
export type CapacityReach = 'pool' | 'subnet' | 'type';

/** What is exhausted, where a code of AWS says so; `undefined` for every other code. */
export function capacityReach(awsCode: string): CapacityReach | undefined {
  if (has(SUBNET_FULL, awsCode)) return 'subnet';
  if (has(QUOTA_REACHED, awsCode)) return 'type';
  return has(POOL_EMPTY, awsCode) ? 'pool' : undefined;
}

/** Whether to repeat the very same call is useless, whatever its HTTP status. */
export function isFinalCode(awsCode: string): boolean {
  return awsCode === TOKEN_MISMATCH || capacityReach(awsCode) !== undefined;
}

function has(codes: readonly string[], code: string): boolean {
  return codes.includes(code);
}
