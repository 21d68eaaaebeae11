import { spawnSync } from 'node:child_process';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { existsSync, rmSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { certificate, left, master, names, only, PKI, TABLE } from './certificate-node.js';
import { writeNodeEnv } from './identity-node.js';
import type { Node } from './node.js';

test.serial('an authority that is not there, or is no authority, is told with its mend', async (t) => {
  const node = await master();
  node.write(`${PKI}/ca/etcd.key`, 'no key');
  const broken = node.run('kube-certificates');
  t.is(broken.status, 1);
  t.regex(
    broken.stderr,
    /FAILED: the certificates etcd\/server, etcd\/peer, kube-apiserver\/etcd-client cannot be issued by the authority etcd\n/,
  );
  rmSync(path.join(node.root, PKI, 'ca/etcd.key'));
  const missing = node.run('kube-certificates');
  t.is(missing.status, 1);
  t.regex(
    missing.stderr,
    /the identity holds no authority "etcd" \(\/etc\/kubernetes\/pki\/ca\/etcd\.crt and \.key\)/,
  );
  t.deepEqual(left(node), []);
});

test.serial(
  'a request that cannot be made, or a certificate too few, is a failure that changes nothing',
  async (t) => {
    const node = await master();
    const real = spawnSync('sh', ['-c', 'command -v openssl'], { encoding: 'utf8' }).stdout.trim();
    const fails = (pattern: string): void =>
      node.program(
        'openssl',
        `case "$*" in ${pattern}) echo "no luck" >&2; exit 1 ;; esac; exec ${real} "$@"`,
      );
    fails('req*kube-scheduler.client*');
    const request = node.run('kube-certificates');
    t.is(request.status, 1);
    t.regex(
      request.stderr,
      /^no luck\nkiln: FAILED: the certificates kube-scheduler\/client cannot be issued by the authority kubernetes\n/,
    );
    fails('ca*ca/front-proxy.crt*');
    const signature = node.run('kube-certificates');
    t.is(signature.status, 1);
    t.regex(
      signature.stderr,
      /kube-apiserver\/front-proxy-client cannot be issued by the authority front-proxy/,
    );
    node.program(
      'openssl',
      `${real} "$@" || exit; [ "$1" != ca ] || rm "$KILN_ROOT"/run/kubernetes/.certificates.*/etcd.365/*02.pem 2> /dev/null || true`,
    );
    t.is(node.run('kube-certificates').status, 1);
    t.false(existsSync(path.join(node.root, PKI, 'kube-scheduler/client.crt')));
    t.false(existsSync(path.join(node.root, 'run/kubernetes/reissued')));
    t.deepEqual(left(node), []);
  },
);

test.serial('a link that a service put into its folder is replaced, not written through', async (t) => {
  const node = await master();
  node.write('/victim', 'untouched');
  symlinkSync(path.join(node.root, 'victim'), path.join(node.root, PKI, 'etcd/server.key'));
  symlinkSync(path.join(node.root, 'nothing'), path.join(node.root, PKI, 'etcd/peer.crt'));
  t.is(node.run('kube-certificates').status, 0);
  t.is(node.read('/victim'), 'untouched');
  t.false(existsSync(path.join(node.root, 'nothing')));
  t.true(node.read(`${PKI}/etcd/server.key`).startsWith('-----BEGIN'));
});

for (const signal of ['TERM', 'KILL']) {
  test.serial(
    `ended by ${signal} at any step, no key stands beside another key's certificate, and who changed is noted`,
    async (t) => {
      const node = await master();
      node.write(TABLE, only(node, 'etcd server'));
      node.run('kube-certificates');
      let host = 0;
      for (const program of ['mkdir', 'od', 'getent', 'cp', 'rm']) {
        for (const step of ['1 before', '1 after', '2 before', '2 after', '3 before', '3 after']) {
          rmSync(path.join(node.root, 'run/kubernetes/reissued'), { force: true });
          const before = pair(node);
          writeNodeEnv(node, { roles: 'master', address: `10.0.3.${++host}` });
          endAt(node, signal, program, step);
          const { key, crt } = pair(node);
          const at = `${program} ${step}`;
          if (crt !== '') t.true(new X509Certificate(crt).checkPrivateKey(createPrivateKey(key)), at);
          if (crt !== before.crt || key !== before.key)
            t.is(node.read('/run/kubernetes/reissued'), 'etcd\n', at);
          if (signal === 'TERM' && program !== 'rm') t.deepEqual(left(node), [], at);
          rmSync(path.join(node.root, 'bin', program));
          t.is(node.run('kube-certificates').status, 0);
          t.is(node.run('kube-certificates').stdout, '');
          t.true(names(certificate(node, 'etcd/server')).includes(`IP Address:10.0.3.${host}`));
          t.deepEqual(
            left(node).filter((name) => name.endsWith('.new')),
            [],
            at,
          );
        }
      }
    },
  );
}

/** Runs the script, which gets the signal before or after the first, second, … run of the program. */
function endAt(node: Node, signal: string, program: string, step: string): void {
  const [call, moment] = step.split(' ');
  const real = spawnSync('sh', ['-c', `command -v ${program}`], { encoding: 'utf8' }).stdout.trim();
  rmSync(path.join(node.root, 'calls'), { force: true });
  node.program(
    program,
    `echo x >> "$KILN_ROOT/calls"
[ "$(wc -l < "$KILN_ROOT/calls")" -eq ${call} ] || exec ${real} "$@"
[ ${moment} = after ] || { kill -${signal} "$PPID"; exit 1; }
${real} "$@"
kill -${signal} "$PPID"`,
  );
  node.run('kube-certificates');
}

function pair(node: Node): { key: string; crt: string } {
  const content = (file: string): string =>
    existsSync(path.join(node.root, PKI, file)) ? node.read(`${PKI}/${file}`) : '';
  return { key: content('etcd/server.key'), crt: content('etcd/server.crt') };
}
