import test from 'ava';
import { formatActions } from '../../src/cli/print.js';

test('an action a line, with why', (t) => {
  t.is(
    formatActions([
      { verb: 'write', target: '/etc/x' },
      { verb: 'run', target: 'true', reason: 'to see' },
    ]),
    'write /etc/x\nrun true  (to see)',
  );
});

test('a call’s parameters stand below it, what is inside of another further in', (t) => {
  const parameters = {
    Name: 'demo',
    Count: 3,
    Encrypted: true,
    Nothing: undefined,
    Ids: ['a', 'b'],
    Tags: [
      { Key: 'Role', Value: 'master' },
      { Key: 'Name', Value: 'demo-master-1' },
    ],
    Data: { Disk: { Size: 20 } },
  };
  t.is(
    formatActions([{ verb: 'call', target: 'ec2:Do', reason: 'why', parameters }]),
    `call ec2:Do  (why)
    Name: demo
    Count: 3
    Encrypted: true
    Ids:
      - a
      - b
    Tags:
      - Key: Role
        Value: master
      - Key: Name
        Value: demo-master-1
    Data:
      Disk:
        Size: 20`,
  );
});
