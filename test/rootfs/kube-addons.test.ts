import { readFileSync } from 'node:fs';
import test from 'ava';
import { repositoryPath } from '../../src/repository.js';
import { createNode, type Node } from './node.js';

/**
 * An API that keeps objects by kind and name, as far as these calls go: config maps of finished addons, and what is created
 * from standard input. What is in `taken` exists already.
 */
const API = `
echo "$*" >> "$KILN_ROOT/calls"
input() { cat > "$KILN_ROOT/input"; cat "$KILN_ROOT/input" >> "$KILN_ROOT/inputs"; }
case "$*" in
*/readyz*) ;;
*"get configmap"*)
  if [ -s "$KILN_ROOT/unreadable" ]; then
    sed -i 1d "$KILN_ROOT/unreadable"
    echo 'Error from server: etcdserver: request timed out' >&2
    exit 1
  fi
  if [ -e "$KILN_ROOT/done" ]; then cat "$KILN_ROOT/done"; fi
  ;;
*"create --filename=-"*)
  input
  name=$(sed -n 's/.*name: \\([a-z0-9-]*\\).*/\\1/p' "$KILN_ROOT/input" | head -n 1)
  if grep -qx "$name" "$KILN_ROOT/taken" 2> /dev/null; then
    echo "Error from server (AlreadyExists): error when creating \\"STDIN\\": $name already exists" >&2
    exit 1
  fi
  if grep -qx "$name" "$KILN_ROOT/refused-once" 2> /dev/null; then
    sed -i "/^$name$/d" "$KILN_ROOT/refused-once"
    cat "$KILN_ROOT/refusal" >&2
    exit 1
  fi
  if grep -qx "$name" "$KILN_ROOT/bad" 2> /dev/null; then echo "error: $name is wrong" >&2; exit 1; fi
  sed -n "s/^data: {name: '\\(.*\\)', sum: '\\(.*\\)'}/\\1=\\2/p" "$KILN_ROOT/input" >> "$KILN_ROOT/done"
  echo "x/$name created" ;;
esac`;

test('each file and the token are created once, and never again whatever an administrator did since', (t) => {
  const node = withApi();
  t.is(node.run('kube-addons').status, 0);
  t.deepEqual(created(node), [
    'first',
    'bootstrap-token-abcdef',
    'kiln-addon-10-nodes',
    'kiln-addon-bootstrap-token-abcdef',
  ]);
  node.write('/inputs', '');
  t.is(node.run('kube-addons').status, 0);
  t.deepEqual(created(node), []);
});

test('a file that a newer image changed is gone through again', (t) => {
  const node = withApi();
  node.run('kube-addons');
  node.write('/usr/share/kiln/addons/10-nodes.yaml', 'metadata: {name: second}\n');
  node.write('/inputs', '');
  t.is(node.run('kube-addons').status, 0);
  t.is(created(node)[0], 'second');
});

test('what another master made at the same moment is no error', (t) => {
  const node = withApi();
  node.write('/taken', 'first\nkiln-addon-10-nodes\nbootstrap-token-abcdef\n');
  const { status, stderr } = node.run('kube-addons');
  t.is(status, 0, stderr);
  t.regex(node.read('/calls'), /patch configmap kiln-addon-10-nodes/);
});

for (const refusal of [
  'Error from server: error when creating "STDIN": etcdserver: leader changed',
  'Unable to connect to the server: context deadline exceeded',
  'Unable to connect to the server: read tcp 10.0.0.1:2->10.0.0.1:6443: connection reset by peer',
  'Error from server (InternalError): Internal error occurred: resource quota evaluation',
  'Error from server (TooManyRequests): the server has received too many requests',
  'Error from server (ServiceUnavailable): the server is currently unable to handle the request',
  'Error from server (Timeout): the server was unable to return a response in the time allotted',
  'error: error validating "STDIN": error validating data: the server is currently unable to handle the request',
]) {
  test(`what passes is waited out, for the objects and for the note of them: ${refusal}`, (t) => {
    const node = withApi();
    node.write('/refusal', `${refusal}\n`);
    node.write('/refused-once', 'first\nkiln-addon-10-nodes\n');
    const { status, stdout, stderr } = node.run('kube-addons');
    t.is(status, 0, stderr);
    t.true(stdout.includes(`waiting until the API server takes it: ${refusal}`));
    t.regex(node.read('/done'), /^10-nodes\.yaml=[0-9a-f]{64}$/m);
  });
}

test('a list that cannot be read is asked for again: what was done stays done', (t) => {
  const node = withApi();
  node.run('kube-addons');
  node.write('/inputs', '');
  node.write('/unreadable', 'once\n');
  const { status, stdout, stderr } = node.run('kube-addons');
  t.is(status, 0, stderr);
  t.deepEqual(created(node), []);
  t.is(
    stdout,
    'kiln: waiting for the list of what was created before: Error from server: etcdserver: request timed out\n',
  );
});

test('a list that is never read ends in a failure, and nothing is created', (t) => {
  const node = withApi();
  node.write('/unreadable', 'once\nagain\n');
  const { status, stderr } = node.run('kube-addons', { env: { KILN_API_WAIT: '0' } });
  t.is(status, 1);
  t.regex(stderr, /FAILED: what was created before cannot be read, so nothing is created: .*timed out\n/);
  t.deepEqual(created(node), []);
});

test('a long wait for the API server is told each minute', (t) => {
  const node = withApi();
  node.program('sleep', 'echo x >> "$KILN_ROOT/naps"');
  node.write('/naps', '');
  node.program('openssl', '[ "$(grep -c x "$KILN_ROOT/naps")" -ge 5 ] && echo "HTTP/1.0 200 OK"');
  // Half a minute for each nap.
  node.program('date', 'echo $((1000000000 + 30 * $(grep -c x "$KILN_ROOT/naps")))');
  const { status, stdout, stderr } = node.run('kube-addons', { env: { KILN_API_WAIT: '31536000' } });
  t.is(status, 0, stderr);
  t.is(stdout.match(/waiting for the API server of this node\n/g)?.length, 3);
});

test('the unit waits for a year, kept by no limit of its own', (t) => {
  const unit = readFileSync(repositoryPath('units/kube-addons.service'), 'utf8');
  t.regex(unit, /^Environment=KILN_API_WAIT=31536000$/m);
  t.regex(unit, /^TimeoutStartSec=0$/m);
});

test('everything is created in one go, and noted in another', (t) => {
  const node = withApi();
  node.write('/usr/share/kiln/addons/20-more.yaml', 'metadata: {name: more}\n');
  const { stdout } = node.run('kube-addons');
  t.is([...node.read('/calls').matchAll(/create --filename=-/g)].length, 2);
  for (const name of ['10-nodes.yaml', '20-more.yaml', 'bootstrap-token-abcdef'])
    t.true(stdout.includes(`of ${name}`));
});

test('what cannot be created is named, and the rest is created', (t) => {
  const node = withApi();
  node.write('/bad', 'first\n');
  const { status, stderr } = node.run('kube-addons');
  t.is(status, 1);
  t.regex(stderr, /error: first is wrong\nkiln: FAILED: these could not be created: 10-nodes\.yaml/);
  t.true(created(node).includes('bootstrap-token-abcdef'));
});

test('the secret of the token is in no argument and in no output', (t) => {
  const node = withApi();
  const { stdout, stderr } = node.run('kube-addons');
  t.regex(node.read('/inputs'), /token-secret: '0123456789abcdef'/);
  t.notRegex(node.read('/calls') + stdout + stderr, /0123456789abcdef/);
});

test('an API server that is never ready ends the wait with a mend', (t) => {
  const node = createNode();
  node.program('kubectl', 'echo "connection refused" >&2; exit 1');
  node.program('openssl', 'exit 1');
  const { status, stderr } = node.run('kube-addons', { env: { KILN_API_WAIT: '0' } });
  t.is(status, 1);
  t.regex(stderr, /the API server of this node is not ready: connection refused/);
});

function withApi(): Node {
  const node = createNode();
  node.write('/usr/share/kiln/addons/10-nodes.yaml', 'metadata: {name: first}\n');
  node.write('/etc/kubernetes/pki/kube-addons/bootstrap.token', 'abcdef.0123456789abcdef\n');
  node.write('/inputs', '');
  node.program('kubectl', API);
  node.program('openssl', 'echo "HTTP/1.0 200 OK"');
  return node;
}

function created(node: Node): string[] {
  return [...node.read('/inputs').matchAll(/metadata: \{name: ([a-z0-9-]+)/g)].map(([, name]) => name ?? '');
}
