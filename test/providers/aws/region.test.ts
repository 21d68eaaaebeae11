import test from 'ava';
import { isRegion } from '../../../src/providers/aws/region.js';

test('regions of every partition are spelt like one', (t) => {
  for (const region of ['eusc-de-east-1', 'us-gov-west-1', 'us-iso-east-1', 'us-isob-east-1', 'us-east-1'])
    t.true(isRegion(region), region);
});

test('zones, half names and what means more than a region are none', (t) => {
  for (const word of [
    'eu-central-1a',
    'eu-central',
    'eu-central-100',
    'Frankfurt',
    'EU-CENTRAL-1',
    'e-central-1',
    'eu-west-1/../x',
    'eu-west-1\n',
    '',
  ])
    t.false(isRegion(word), JSON.stringify(word));
});
