import test from 'ava';
import { sysctlOrder } from '../../../../src/test-image/disk/checks/sysctl-order.js';
import { makeDisk, PLAN, told } from '../synthetic-disk.js';

const planned = PLAN.files.find(({ path }) => path === '/etc/sysctl.d/99-zz-kubernetes.conf');
const PLANNED = planned !== undefined && 'content' in planned ? planned.content : '';
const EXPECTED = Object.keys(PLAN.expected.sysctls).length;

test("the plan's own file sets every key it expects", async (t) => {
  const disk = await makeDisk({ files: { 'etc/sysctl.d/99-zz-kubernetes.conf': PLANNED } });
  t.deepEqual(await sysctlOrder.run(disk), { examined: EXPECTED, problems: [] });
});

test('a file that sorts after it is named with its line', async (t) => {
  const files = {
    'etc/sysctl.d/99-zz-kubernetes.conf': PLANNED,
    'usr/lib/sysctl.d/10-early.conf': 'net.ipv4.ip_forward = 0\n',
    'usr/lib/sysctl.d/99-zzz.conf': '# hardening\nnet.ipv4.ip_forward = 0\n',
  };
  t.deepEqual(told(await sysctlOrder.run(await makeDisk({ files }))), [
    'net.ipv4.ip_forward: expected 1, found 0 from /usr/lib/sysctl.d/99-zzz.conf line 2, which is read last',
  ]);
});

test('without the file no key is set', async (t) => {
  const problems = told(await sysctlOrder.run(await makeDisk()));
  t.is(problems.length, EXPECTED);
  t.regex(problems[0] ?? '', /but no sysctl.d file sets it$/);
});
