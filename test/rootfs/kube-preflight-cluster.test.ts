import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import test from 'ava';
import { repositoryPath } from '../../src/repository.js';
import type { Node } from './node.js';
import { preflight, soundNode } from './preflight-node.js';

test('a clock outside the life of an authority is fatal, with both times', (t) => {
  const node = soundNode('master');
  certificate(node, 'kube-apiserver', ['-not_before', '20200101000000Z', '-not_after', '20200201000000Z']);
  const { status, stderr } = preflight(node, 'cluster', { KILN_CLOCK_WAIT: '0' });
  t.is(status, 1);
  t.regex(
    stderr,
    /it is .* GMT here, but the authority \/etc\/kubernetes\/pki\/kube-apiserver\/ca\.crt is valid from Jan {2}1 .*2020 GMT to Feb {2}1/,
  );
});

test('one authority among others that has ended, or cannot be read, is named', (t) => {
  const node = soundNode('master');
  certificate(node, 'etcd', ['-days', '2']);
  certificate(node, 'kube-apiserver', ['-not_before', '20200101000000Z', '-not_after', '20200201000000Z']);
  certificate(node, 'kubelet', ['-days', '2']);
  t.regex(
    preflight(node, 'cluster', { KILN_CLOCK_WAIT: '0' }).stderr,
    /the authority \/etc\/kubernetes\/pki\/kube-apiserver\/ca\.crt is valid from Jan {2}1 .*2020 GMT to Feb {2}1 .*2020 GMT\n/,
  );
  node.write('/etc/kubernetes/pki/kube-apiserver/ca.crt', 'torn');
  const { status, stderr } = preflight(node, 'cluster', { KILN_CLOCK_WAIT: '0' });
  t.is(status, 1);
  t.regex(stderr, /the authority \/etc\/kubernetes\/pki\/kube-apiserver\/ca\.crt cannot be read\n/);
});

test('an authority that is not valid yet is waited for', (t) => {
  const node = soundNode('minion');
  certificate(node, 'kubelet', ['-not_before', '20990101000000Z', '-not_after', '20990201000000Z']);
  const { status, stdout } = preflight(node, 'cluster', { KILN_CLOCK_WAIT: '1' });
  t.is(status, 1);
  t.regex(stdout, /^kiln: waiting up to 1 s for the clock: it is .* from Jan {2}1 .*2099 GMT/);
});

test('a wrong clock is told each minute with its mend, and waited for until it is right', (t) => {
  const node = soundNode('minion');
  certificate(node, 'kubelet', ['-days', '2']);
  node.program('sleep', 'echo x >> "$KILN_ROOT/seconds"');
  node.program(
    'date',
    `if [ "$(grep -c . "$KILN_ROOT/seconds" 2> /dev/null)" -ge 65 ]; then exec /bin/date "$@"; fi
exec /bin/date --date=2001-01-01 "$@"`,
  );
  const { status, stdout, stderr } = preflight(node, 'cluster', {
    KILN_CLOCK_WAIT: '86400',
    KILN_NAME_WAIT: '0',
  });
  t.is(status, 0);
  t.deepEqual(
    [...stdout.matchAll(/waiting up to (\d+) s for the clock/g)].map(([, seconds]) => seconds),
    ['86400', '86340'],
  );
  t.is(stderr.match(/it is .* 2001 GMT here, but the authority .*\nkiln: MEND: set the clock/g)?.length, 1);
});

test('the unit waits for the clock for a day, kept by no limit of its own', (t) => {
  const unit = readFileSync(repositoryPath('units/kube-identity.service'), 'utf8');
  t.regex(unit, /^Environment=KILN_CLOCK_WAIT=86400$/m);
  t.regex(unit, /^TimeoutStartSec=0$/m);
});

test("a clock that is right, and a masters' name that resolves, pass in silence", (t) => {
  const node = soundNode('minion');
  certificate(node, 'kubelet', ['-days', '2']);
  node.program('getent', '[ "$*" = "ahostsv4 masters.demo.k8s" ] && echo "10.0.0.5 STREAM x"');
  t.deepEqual(preflight(node, 'cluster'), { status: 0, stdout: '', stderr: '' });
});

test("a masters' name that does not resolve is waited for, then told, and is not fatal", (t) => {
  const node = soundNode('minion');
  node.program('getent', 'exit 2');
  const { status, stdout, stderr } = preflight(node, 'cluster', { KILN_NAME_WAIT: '1' });
  t.is(status, 0);
  t.is(stdout, 'kiln: waiting up to 1 s until masters.demo.k8s resolves\n');
  t.regex(
    stderr,
    /the masters' name masters\.demo\.k8s does not resolve\nkiln: MEND: ask for it at 10\.0\.2\.3/,
  );
});

/** A real authority's certificate; the times are given to openssl's own command for authorities. */
function certificate(node: Node, owner: string, times: string[]): void {
  const file = `${node.root}/etc/kubernetes/pki/${owner}/ca.crt`;
  node.write(`/etc/kubernetes/pki/${owner}/ca.crt`, '');
  const key = `${node.root}/ca.key`;
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', key];
  const openssl = (...args: string[]) =>
    execFileSync('openssl', args, { stdio: ['ignore', 'ignore', 'pipe'] });
  if (times[0] === '-days') {
    openssl('req', '-x509', ...curve, '-subj', '/CN=kubernetes', ...times, '-out', file);
    return;
  }
  node.write(
    '/ca.cnf',
    `[ca]\ndefault_ca=x\n[x]\ndatabase=${node.root}/index.txt\nserial=${node.root}/serial\ndefault_md=sha256\npolicy=p\nunique_subject=no\n[p]\ncommonName=supplied\n`,
  );
  node.write('/index.txt', '');
  node.write('/serial', '01\n');
  openssl('req', '-new', ...curve, '-subj', '/CN=kubernetes', '-out', `${node.root}/ca.csr`);
  const [, from = '', , until = ''] = times;
  openssl(
    ...[
      'ca',
      '-batch',
      '-selfsign',

      '-config',
      `${node.root}/ca.cnf`,
      '-in',
      `${node.root}/ca.csr`,
    ],
    ...[
      '-keyfile',
      key,
      '-startdate',
      from,
      '-enddate',
      until,
      '-out',
      file,
      '-notext',
      '-outdir',
      node.root,
    ],
  );
}
