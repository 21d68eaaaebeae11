import { spawnSync } from 'node:child_process';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { cpSync, existsSync, readdirSync, rmSync, statSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { createRoleNode, writeBundle, writeNodeEnv } from './identity-node.js';
import type { Node } from './node.js';

const PKI = '/etc/kubernetes/pki';
const TABLE = '/usr/lib/kiln/certificates';
const SERVER_AUTH = '1.3.6.1.5.5.7.3.1';
const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2';

test.serial(
  'a master gets every certificate of its services, each right and each with its own key',
  async (t) => {
    const node = await master();
    const { status, stdout, stderr } = node.run('kube-certificates');
    t.deepEqual({ status, stderr }, { status: 0, stderr: '' });
    t.regex(
      stdout,
      /^kiln: certificates issued: etcd\/server \(missing\), etcd\/peer \(missing\), kube-apiserver\/server \(missing\)/,
    );
    t.regex(
      stdout,
      /kiln: owners of new certificates: etcd kube-apiserver kube-controller-manager kube-scheduler kube-addons kube-approver\n$/,
    );
    const server = certificate(node, 'kube-apiserver/server');
    t.is(server.subject, 'CN=kube-apiserver');
    t.deepEqual(names(server), [
      'DNS:kubernetes',
      'DNS:kubernetes.default',
      'DNS:kubernetes.default.svc',
      'DNS:kubernetes.default.svc.cluster.local',
      'DNS:lb.demo.k8s',
      'DNS:localhost',
      'DNS:masters.demo.k8s',
      'DNS:node-1',
      'IP Address:10.0.2.15',
      'IP Address:10.96.0.1',
      'IP Address:127.0.0.1',
    ]);
    t.deepEqual(server.keyUsage, [SERVER_AUTH]);
    t.false(server.ca);
    const etcd = certificate(node, 'etcd/server');
    t.deepEqual(etcd.keyUsage, [SERVER_AUTH, CLIENT_AUTH], 'etcd uses what it serves with as a client too');
    t.deepEqual(names(etcd), [
      'DNS:etcd.demo.k8s',
      'DNS:localhost',
      'DNS:node-1',
      'IP Address:10.0.2.15',
      'IP Address:127.0.0.1',
    ]);
    const addons = certificate(node, 'kube-addons/client');
    t.is(addons.subject, 'O=system:masters\nCN=kiln:addons');
    t.deepEqual(addons.keyUsage, [CLIENT_AUTH]);
    t.is(addons.subjectAltName, undefined);
  },
);

test.serial(
  'each is signed by its own authority, dated back, with a random serial number and a private key of mode 0600',
  async (t) => {
    const node = await master();
    node.run('kube-certificates');
    const authorities = {
      'kube-apiserver/server': 'kubernetes',
      'kube-apiserver/etcd-client': 'etcd',
      'kube-apiserver/front-proxy-client': 'front-proxy',
      'etcd/peer': 'etcd',
      'kube-scheduler/client': 'kubernetes',
    };
    const serials = new Set<string>();
    const keys = new Set<string>();
    for (const [leaf, authority] of Object.entries(authorities)) {
      const issued = certificate(node, leaf);
      t.true(issued.verify(certificate(node, `ca/${authority}`).publicKey), leaf);
      t.true(issued.checkPrivateKey(createPrivateKey(node.read(`${PKI}/${leaf}.key`))), leaf);
      t.is(issued.publicKey.asymmetricKeyDetails?.namedCurve, 'prime256v1');
      t.is(statSync(path.join(node.root, PKI, `${leaf}.key`)).mode & 0o777, 0o600);
      const age = Date.now() - Date.parse(issued.validFrom);
      t.true(age > 250_000 && age < 600_000, `${leaf} is valid from ${issued.validFrom}`);
      const days = (Date.parse(issued.validTo) - Date.now()) / 86_400_000;
      t.true(days > 364 && days <= 365, `${leaf} ends ${issued.validTo}`);
      t.is(issued.serialNumber.length, 32, 'at least 64 random bits (CA/Browser Forum), here 104');
      serials.add(issued.serialNumber);
      keys.add(node.read(`${PKI}/${leaf}.key`));
    }
    t.is(serials.size, 5);
    t.is(keys.size, 5);
    t.deepEqual(left(node), [], 'nothing of the making stays behind');
  },
);

test.serial('what is right stays as it is, and there is nothing to say', async (t) => {
  const node = await master();
  node.run('kube-certificates');
  const before = node.read(`${PKI}/etcd/server.crt`);
  rmSync(path.join(node.root, 'run/kubernetes/reissued'));
  const { status, stdout, stderr } = node.run('kube-certificates');
  t.deepEqual({ status, stdout, stderr }, { status: 0, stdout: '', stderr: '' });
  t.is(node.read(`${PKI}/etcd/server.crt`), before);
  t.false(existsSync(path.join(node.root, 'run/kubernetes/reissued')));
});

test.serial(
  'a new address: only what holds the address is issued again, with a new key, and the reason is told',
  async (t) => {
    const node = await master();
    node.run('kube-certificates');
    rmSync(path.join(node.root, 'run/kubernetes/reissued'));
    const key = node.read(`${PKI}/kube-apiserver/server.key`);
    const client = node.read(`${PKI}/kube-scheduler/client.crt`);
    writeNodeEnv(node, { roles: 'master', address: '10.0.2.99' });
    const change = 'names changed: with 10.0.2.99 without 10.0.2.15';
    t.is(
      node.run('kube-certificates').stdout,
      `kiln: certificates issued: etcd/server (${change}), etcd/peer (${change}), kube-apiserver/server (${change})\n` +
        'kiln: owners of new certificates: etcd kube-apiserver\n',
    );
    t.true(names(certificate(node, 'kube-apiserver/server')).includes('IP Address:10.0.2.99'));
    t.not(node.read(`${PKI}/kube-apiserver/server.key`), key);
    t.is(node.read(`${PKI}/kube-scheduler/client.crt`), client);
    t.is(node.read('/run/kubernetes/reissued'), 'etcd\nkube-apiserver\n');
  },
);

test.serial(
  'a new name, an end that is near, another authority, half a pair: each is a reason',
  async (t) => {
    const node = await master();
    node.write(TABLE, only(node, 'etcd peer'));
    const issue = (): string => node.run('kube-certificates').stdout.split('\n')[0] ?? '';
    issue();
    writeNodeEnv(node, { roles: 'master', name: 'node-2' });
    t.is(issue(), 'kiln: certificates issued: etcd/peer (was for "CN=node-1")');
    const table = node.read(TABLE);
    node.write(TABLE, table.replace(' 365 90 ', ' 365 366 '));
    t.is(issue(), 'kiln: certificates issued: etcd/peer (fewer than 366 days left)');
    node.write(TABLE, table);
    t.is(issue(), '');
    rmSync(path.join(node.root, PKI, 'etcd/peer.key'));
    t.is(issue(), 'kiln: certificates issued: etcd/peer (missing)');
    node.write(`${PKI}/etcd/peer.crt`, 'torn');
    t.is(issue(), 'kiln: certificates issued: etcd/peer (was for "")');
    await writeBundle(node, '/new', { roles: 'master' });
    for (const file of ['etcd.crt', 'etcd.key'])
      node.write(`${PKI}/ca/${file}`, node.read(`/new/master/ca/${file}`));
    t.is(
      issue(),
      "kiln: certificates issued: etcd/peer (not valid by today's authority etcd and this clock)",
    );
    t.true(certificate(node, 'etcd/peer').verify(certificate(node, 'ca/etcd').publicKey));
  },
);

test.serial(
  'a minion issues nothing, and a master of a cluster with etcd nodes nothing for etcd',
  async (t) => {
    const minion = createRoleNode('minion');
    t.deepEqual(minion.run('kube-certificates'), { status: 0, stdout: '', stderr: '' });
    const node = await master();
    node.write('/run/kubernetes/etcd-elsewhere', '');
    node.run('kube-certificates');
    t.false(existsSync(path.join(node.root, PKI, 'etcd/server.crt')));
    t.true(existsSync(path.join(node.root, PKI, 'kube-apiserver/etcd-client.crt')));
  },
);

test.serial('an etcd node issues only what etcd needs', async (t) => {
  const node = createRoleNode('etcd');
  await writeBundle(node, '/bundle', { roles: 'etcd' });
  install(node, 'etcd');
  t.is(
    node.run('kube-certificates').stdout,
    'kiln: certificates issued: etcd/server (missing), etcd/peer (missing)\nkiln: owners of new certificates: etcd\n',
  );
});

test.serial(
  'a long host name still makes a certificate: the common name is cut, the name is whole',
  async (t) => {
    const name = `node-${'a'.repeat(50)}.${'b'.repeat(40)}.example`;
    const node = await master();
    node.write(TABLE, only(node, 'etcd server'));
    writeNodeEnv(node, { roles: 'master', name });
    t.is(node.run('kube-certificates').status, 0);
    t.is(certificate(node, 'etcd/server').subject, `CN=${name.slice(0, 64)}`);
    t.true(names(certificate(node, 'etcd/server')).includes(`DNS:${name}`));
    t.is(node.run('kube-certificates').stdout, '');
  },
);

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

test.serial('one torn certificate among many: only that one is issued again', async (t) => {
  const node = await master();
  node.run('kube-certificates');
  node.write(`${PKI}/etcd/peer.crt`, 'torn');
  t.regex(
    node.run('kube-certificates').stdout,
    /^kiln: certificates issued: etcd\/peer \(was for ""\)\nkiln: owners of new certificates: etcd\n$/,
  );
  t.is(node.run('kube-certificates').stdout, '');
});

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

test.serial("each owner's new files belong to its user, where there is one", async (t) => {
  const node = await master();
  node.program('getent', 'echo "etcd:x:990:990::/:/bin/false"; exit 2');
  node.program('chown', 'echo "$*" >> "$KILN_ROOT/owned"');
  t.is(node.run('kube-certificates').status, 0);
  t.regex(node.read('/owned'), /^-R etcd:etcd \S+\/new\/key\/etcd \S+\/new\/crt\/etcd\n$/);
});

test.serial('the units to look after can be given', async (t) => {
  const node = await master();
  t.regex(
    node.run('kube-certificates', { args: ['kube-scheduler.service', 'kubelet.service'] }).stdout,
    /^kiln: certificates issued: kube-scheduler\/client \(missing\)\n/,
  );
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

async function master(): Promise<Node> {
  const node = createRoleNode('master');
  await writeBundle(node, '/bundle', { roles: 'master' });
  install(node, 'master');
  return node;
}

/** Puts a role's bundle in place, as kube-identity does. */
function install(node: Node, role: string): void {
  cpSync(path.join(node.root, 'bundle', role), path.join(node.root, PKI), { recursive: true });
}

/** What the script works with and must take away again. */
function left(node: Node): string[] {
  const ofRun = readdirSync(path.join(node.root, 'run/kubernetes')).filter((name) => name.startsWith('.'));
  const ofPki = readdirSync(path.join(node.root, PKI), { recursive: true, encoding: 'utf8' });
  return [...ofRun, ...ofPki.filter((name) => name.endsWith('.new'))];
}

/** The table's one line that begins so. */
function only(node: Node, start: string): string {
  return `${node
    .read(TABLE)
    .split('\n')
    .find((line) => line.startsWith(`${start} `))}\n`;
}

function certificate(node: Node, leaf: string): X509Certificate {
  return new X509Certificate(node.read(`${PKI}/${leaf}.crt`));
}

function names({ subjectAltName = '' }: X509Certificate): string[] {
  return subjectAltName.split(', ').sort();
}
