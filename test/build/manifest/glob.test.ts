import test from 'ava';
import { globToRegExp } from '../../../src/build/manifest/glob.js';

for (const [glob, fits, fitsNot] of [
  ['/etc/*.conf', ['/etc/a.conf'], ['/etc/a/b.conf', '/etc/aconf', '/x/etc/a.conf']],
  ['/var/log/**', ['/var/log/a', '/var/log/a/b'], ['/var/log', '/var/logs/a']],
  ['/boot/**/seed', ['/boot/seed', '/boot/a/b/seed'], ['/boot/xseed']],
  ['/a?c', ['/abc'], ['/a/c', '/ac']],
  ['/lib+x(1)', ['/lib+x(1)'], ['/libbx1']],
] as const) {
  test(`glob ${glob}`, (t) => {
    const pattern = globToRegExp(glob);
    for (const path of fits) t.regex(path, pattern);
    for (const path of fitsNot) t.notRegex(path, pattern);
  });
}
