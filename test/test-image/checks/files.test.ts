import test from 'ava';
import type { GuestFile } from '../../../src/boot/probe/guest-facts.js';
import { checked, goodContext, type ProbedContext, problemsOf } from './context.js';

const SYSCTLS = '/etc/sysctl.d/99-zz-kubernetes.conf';

function fileOf(context: ProbedContext, path: string): GuestFile {
  const found = context.facts.files.find((file) => file.path === path);
  if (found === undefined) throw new Error(`There is no file ${path}`);
  return found;
}

test('a planned file that is not there', (t) => {
  const context = goodContext();
  context.facts.files = context.facts.files.filter(({ path }) => path !== SYSCTLS);
  t.deepEqual(problemsOf(context, 'files'), [`${SYSCTLS}: expected a file, found nothing`]);
});

test('other content', (t) => {
  const context = goodContext();
  fileOf(context, SYSCTLS).sha256 = '0'.repeat(64);
  t.regex(
    problemsOf(context, 'files').join(),
    /^\/etc\/sysctl\.d.*: expected content with sha256 .*found 000000000000/,
  );
});

test('other mode and owner: one line each', (t) => {
  const context = goodContext();
  Object.assign(fileOf(context, '/etc/ssh/sshd_config.d/10-kiln.conf'), { mode: '0666', group: 'adm' });
  t.deepEqual(problemsOf(context, 'files'), [
    '/etc/ssh/sshd_config.d/10-kiln.conf: expected mode 0600, found 0666',
    '/etc/ssh/sshd_config.d/10-kiln.conf: expected owner root:root, found root:adm',
  ]);
});

test('a link to somewhere else, and a file in place of a link', (t) => {
  const context = goodContext();
  fileOf(context, '/etc/systemd/system/swap.target').target = '/usr/lib/systemd/system/swap.target';
  t.regex(
    problemsOf(context, 'files').join(),
    /^\/etc\/systemd\/system\/swap\.target: expected a link to \/dev\/null/,
  );
  Object.assign(fileOf(context, '/etc/resolv.conf'), { type: 'file' });
  t.true(problemsOf(context, 'files').includes('/etc/resolv.conf: expected a link, found a file'));
});

test('a program that is placed as it was downloaded has the digest of the lock', (t) => {
  const context = goodContext();
  const { sha256 } = fileOf(context, '/usr/local/sbin/runc');
  t.is(context.plan.artifacts.find(({ name }) => name === 'runc')?.digest, `sha256:${sha256}`);
  fileOf(context, '/usr/local/sbin/runc').sha256 = 'e'.repeat(64);
  t.regex(problemsOf(context, 'files').join(), /^\/usr\/local\/sbin\/runc: expected content/);
});

test('a program of other mode, whatever its content', (t) => {
  const context = goodContext();
  fileOf(context, '/opt/cni/bin/bridge').mode = '0644';
  t.deepEqual(problemsOf(context, 'files'), ['/opt/cni/bin/bridge: expected mode 0755, found 0644']);
});

test('what a probe in a hurry did not hash is noted; a file of the plan must always be hashed', (t) => {
  const context = goodContext();
  context.facts.thorough = false;
  delete fileOf(context, '/usr/local/sbin/runc').sha256;
  t.deepEqual(problemsOf(context, 'files'), []);
  t.true(checked(context, 'files').notes?.some((note) => note.includes('/usr/local/sbin/runc')));
  delete fileOf(context, SYSCTLS).sha256;
  t.regex(problemsOf(context, 'files').join(), /^\/etc\/sysctl\.d.*found \(unread\)/);
  context.facts.thorough = true;
  t.is(problemsOf(context, 'files').length, 2);
});
