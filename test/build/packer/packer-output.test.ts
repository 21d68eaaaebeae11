import test from 'ava';
import { parsePackerLine } from '../../../src/build/packer/packer-output.js';

const CASES: readonly [string, string, ReturnType<typeof parsePackerLine>][] = [
  [
    'a step of Packer',
    '1795254450,,ui,say,==> qemu.kiln: Waiting for SSH to become available...',
    { kind: 'say', text: 'Waiting for SSH to become available...' },
  ],
  [
    'what a step printed',
    '1795254450,,ui,message,    qemu.kiln: kiln: Unpacking the overlay',
    { kind: 'message', text: 'kiln: Unpacking the overlay' },
  ],
  ['commas', '1795254450,,ui,say,one%!(PACKER_COMMA) two, three', { kind: 'say', text: 'one, two, three' }],
  [
    'line ends',
    '1795254450,,ui,error,Build failed:\\n\\r* reason',
    { kind: 'error', text: 'Build failed:\n* reason' },
  ],
  [
    'colours',
    '1795254450,,ui,message,    qemu.kiln: \u001B[32mgreen\u001B[0m',
    { kind: 'message', text: 'green' },
  ],
  ['an artifact is not for people', '1795254450,qemu.kiln,artifact,0,id,VM', undefined],
  ['nothing', '', undefined],
];

for (const [title, line, expected] of CASES) {
  test(title, (t) => {
    t.deepEqual(parsePackerLine(line), expected);
  });
}
