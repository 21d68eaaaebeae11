import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { listTree } from '../../../src/build/disk/list-tree.js';
import { makeDiskTree } from '../../../src/test-image/disk/disk-tree.js';
import { effectiveSysctls, listSysctlFiles } from '../../../src/test-image/disk/sysctl-files.js';
import { temporaryFolder } from '../../helpers/temporary-folder.js';

const KEY = 'net.ipv4.conf.all.rp_filter';

function effective(texts: readonly string[], { globs = true, keys = [KEY] } = {}): Record<string, string> {
  const files = texts.map((text, index) => ({ path: `/etc/sysctl.d/${index}.conf`, text }));
  const found = effectiveSysctls(files, keys, { globs });
  return Object.fromEntries(
    [...found].map(([key, { value, file, line }]) => [key, `${value} ${file}:${line}`]),
  );
}

test('files are read by name, whichever folder they are in; the first folder hides its namesakes', async (t) => {
  const folder = temporaryFolder();
  const write = (name: string, text: string) => {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    writeFileSync(path.join(folder, name), text);
  };
  write('usr/lib/sysctl.d/50-default.conf', 'a=1');
  write('usr/lib/sysctl.d/60-hidden.conf', 'a=2');
  write('usr/lib/sysctl.d/70-masked.conf', 'a=3');
  write('etc/sysctl.d/60-hidden.conf', 'a=4');
  write('etc/sysctl.d/README', 'a=5');
  write('etc/sysctl.conf', 'a=6');
  write('usr/local/lib/sysctl.d/10-local.conf', 'a=7');
  symlinkSync('/dev/null', path.join(folder, 'etc/sysctl.d/70-masked.conf'));
  symlinkSync('../sysctl.conf', path.join(folder, 'etc/sysctl.d/99-sysctl.conf'));
  // On a merged /usr the last folder is the one before it again.
  symlinkSync('usr/lib', path.join(folder, 'lib'));
  const files = await listSysctlFiles(makeDiskTree(folder, await listTree(folder)));
  t.deepEqual(
    files.map(({ path: name, text }) => [name, text]),
    [
      ['/usr/local/lib/sysctl.d/10-local.conf', 'a=7'],
      ['/usr/lib/sysctl.d/50-default.conf', 'a=1'],
      ['/etc/sysctl.d/60-hidden.conf', 'a=4'],
      ['/etc/sysctl.d/99-sysctl.conf', 'a=6'],
    ],
  );
});

test('the last assignment wins, and its line is known', (t) => {
  t.deepEqual(effective([`${KEY}=1`, `# comment\n\n ${KEY} = 0 \n; ${KEY}=2\n`]), {
    [KEY]: '0 /etc/sysctl.d/1.conf:3',
  });
});

test('a key written out wins over a later glob; without it the last glob counts', (t) => {
  t.deepEqual(effective([`${KEY}=0`, 'net.ipv4.conf.*.rp_filter=2']), { [KEY]: '0 /etc/sysctl.d/0.conf:1' });
  t.deepEqual(effective(['net.ipv4.conf.*.rp_filter=2', '-net/ipv4/conf/*/rp_filter = 1']), {
    [KEY]: '1 /etc/sysctl.d/1.conf:1',
  });
  t.deepEqual(effective(['net.ipv4.*.rp_filter=2']), {});
  t.deepEqual(effective(['net.ipv4.conf.*.rp_filter=2'], { globs: false }), {});
});

test('a line -key keeps a key out of the globs', (t) => {
  t.deepEqual(effective(['net.ipv4.conf.*.rp_filter=2', `-${KEY}`]), {});
});

test('slashes and dots are one key', (t) => {
  t.deepEqual(effective(['net/ipv4/conf/all/rp_filter=0']), { [KEY]: '0 /etc/sysctl.d/0.conf:1' });
  const dotted = 'net.ipv4.conf.eth0/1.rp_filter';
  t.deepEqual(effective(['net/ipv4/conf/eth0.1/rp_filter=0'], { keys: [dotted] }), {
    [dotted]: '0 /etc/sysctl.d/0.conf:1',
  });
});
