import test from 'ava';
import { apiServiceAddress, clusterDns } from '../../src/plan/addresses.js';

for (const [cidr, api, dns] of [
  ['10.96.0.0/12', '10.96.0.1', '10.96.0.10'],
  ['10.43.255.0/24', '10.43.255.1', '10.43.255.10'],
] as const) {
  test(`${cidr}: API at ${api}, DNS at ${dns}`, (t) => {
    t.is(apiServiceAddress(cidr), api);
    t.is(clusterDns(cidr), dns);
  });
}
