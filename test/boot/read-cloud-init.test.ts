import test from 'ava';
import { parseCloudInit } from '../../src/boot/read-cloud-init.js';

const STATUS = JSON.stringify({
  v1: {
    datasource: 'DataSourceNoCloud [seed=/dev/vdb][dsmode=net]',
    init: { errors: ['it broke'], finished: 1795254289.6, start: 1795254285.35 },
    'init-local': { errors: [], finished: 1795254283.5, start: 1795254281 },
    'modules-final': { errors: [], finished: null, start: null },
    stage: null,
  },
});

test('datasource, errors and the seconds of the stages that ran', (t) => {
  const log = 'x - util.py[DEBUG]: fine\nx - util.py[WARNING]: odd\n';
  t.deepEqual(parseCloudInit(STATUS, log), {
    report: {
      datasource: 'DataSourceNoCloud [seed=/dev/vdb][dsmode=net]',
      errors: ['it broke'],
      warnings: ['x - util.py[WARNING]: odd'],
    },
    seconds: { 'init-local': 2.5, init: 4.25 },
  });
});

test('a machine on which it never ran', (t) => {
  t.deepEqual(parseCloudInit('{}', ''), {
    report: { datasource: undefined, errors: [], warnings: [] },
    seconds: {},
  });
});
