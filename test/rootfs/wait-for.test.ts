import test from 'ava';
import { createNode, type Node } from './node.js';

const MASTERS = { KUBE_MASTERS: 'masters.demo.k8s' };

test('the API server does not wait for an etcd that systemd knows to be ready', (t) => {
  const node = createNode();
  node.program('systemctl', '[ "$*" = "--quiet is-active etcd.service" ]');
  node.program('etcdctl', 'exit 9');
  const env = { KUBE_ETCD_SERVERS: 'https://127.0.0.1:2379' };
  t.deepEqual(node.run('wait-for-etcd', { args: ['0'], env }), { status: 0, stdout: '', stderr: '' });
});

test('an etcd elsewhere is asked, and the reason it does not serve is told', (t) => {
  const node = createNode();
  node.program(
    'etcdctl',
    'echo \'{"level":"warn","error":"context deadline exceeded"}\' >&2; echo "Error: unhealthy cluster" >&2; exit 1',
  );
  const env = { KUBE_ETCD_SERVERS: 'https://etcd.demo.k8s:2379' };
  const { status, stderr } = node.run('wait-for-etcd', { args: ['0'], env });
  t.is(status, 1);
  t.regex(stderr, /etcd at https:\/\/etcd\.demo\.k8s:2379 does not serve: context deadline exceeded/);
  node.program('etcdctl', 'exit 0');
  t.is(node.run('wait-for-etcd', { args: ['0'], env }).status, 0);
});

test('a node that has joined does not wait for masters', (t) => {
  const node = createNode();
  node.write('/var/lib/kubelet/kubeconfig', '');
  t.deepEqual(node.run('wait-for-masters', { args: ['5'], env: MASTERS }), {
    status: 0,
    stdout: '',
    stderr: '',
  });
});

test('a new node says what keeps it from a master, and starts the kubelet in the end', (t) => {
  const node = createNode();
  node.program('getent', 'exit 2');
  const { status, stderr } = node.run('wait-for-masters', { args: ['0'], env: MASTERS });
  t.is(status, 0);
  t.regex(stderr, /no master of this cluster answered within 0 s: masters\.demo\.k8s does not resolve/);
});

const ANSWERS: Record<string, { answer: string; says: RegExp }> = {
  'that is not there': { answer: 'connect:errno=111', says: /nothing answers at port 6443 of 10\.0\.0\.5\n/ },
  'of another cluster': {
    answer: 'verify error:num=20:unable to get local issuer certificate',
    says: /10\.0\.0\.5:6443 is not of this cluster/,
  },
  'that has not created the token yet': {
    answer: 'HTTP/1.0 401 Unauthorized',
    says: /10\.0\.0\.5 does not know this node's bootstrap token/,
  },
  'that starts': { answer: 'HTTP/1.0 503 x', says: /the API server at 10\.0\.0\.5 is not ready/ },
};

for (const [what, { answer, says }] of Object.entries(ANSWERS)) {
  test(`a master ${what} is told as such`, (t) => {
    const node = newNode('10.0.0.5');
    node.program('openssl', `cat > "$KILN_ROOT/request"; echo "${answer}"`);
    t.regex(node.run('wait-for-masters', { args: ['0'], env: MASTERS }).stderr, says);
  });
}

test('numbers in what follows the status line are no status', (t) => {
  const node = newNode('10.0.0.5');
  node.program(
    'openssl',
    'cat > "$KILN_ROOT/request"; printf "HTTP/1.0 403 Forbidden\\r\\nX-Kubernetes-Pf-Flowschema-Uid: 5f2a\\r\\nX: 401 \\r\\n"',
  );
  t.deepEqual(node.run('wait-for-masters', { args: ['0'], env: MASTERS }), {
    status: 0,
    stdout: '',
    stderr: '',
  });
});

test('one master of several that lets the node in is enough, and the token is in no argument', (t) => {
  const node = newNode('10.0.0.5', '10.0.0.6');
  node.program(
    'openssl',
    'echo "$*" >> "$KILN_ROOT/calls"; cat > "$KILN_ROOT/request"; case "$*" in *10.0.0.6:6443*) echo "HTTP/1.0 403 Forbidden" ;; esac',
  );
  t.deepEqual(node.run('wait-for-masters', { args: ['0'], env: MASTERS }), {
    status: 0,
    stdout: '',
    stderr: '',
  });
  t.regex(node.read('/request'), /^Authorization: Bearer abcdef\.0123456789abcdef\r$/m);
  t.notRegex(node.read('/calls'), /0123456789abcdef/);
});

/** A node that has never joined, whose masters have these addresses. */
function newNode(...masters: string[]): Node {
  const node = createNode();
  node.write('/etc/kubernetes/pki/kubelet/bootstrap.token', 'abcdef.0123456789abcdef\n');
  node.program('getent', masters.map((address) => `echo "${address} STREAM x"`).join('; '));
  return node;
}

test('the controller manager starts as soon as the API server of its node is ready', (t) => {
  const node = createNode();
  node.program('openssl', 'printf "HTTP/1.0 200 OK\\r\\n\\r\\nok"; echo "$*" > "$KILN_ROOT/asked"');
  const args = ['kube-controller-manager', '5'];
  t.deepEqual(node.run('wait-for-api', { args }), { status: 0, stdout: '', stderr: '' });
  t.regex(node.read('/asked'), /-verify_return_error .*pki\/kube-controller-manager\/client\.crt/);
});

test('an API server that is not ready is told, and the service starts in the end', (t) => {
  const node = createNode();
  node.program('openssl', 'printf "HTTP/1.0 500 Internal Server Error\\r\\n"');
  const { status, stderr } = node.run('wait-for-api', { args: ['kube-scheduler', '0'] });
  t.is(status, 0);
  t.regex(stderr, /the API server of this node was not ready within 0 s/);
});
