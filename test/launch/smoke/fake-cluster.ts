import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** A stand-in for kubectl: answers for a cluster in order, writes down each call. What the real one does is the slow test's. */
export interface FakeCluster {
  /** The program. */
  kubectl: string;
  /** Each call without its kubeconfig, in order. */
  calls(): string[];
  /** Answers calls that match a shell pattern, before everything else: a shell fragment. */
  answer(pattern: string, script: string): void;
}

const folders: string[] = [];
process.on('exit', () => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** `nodes` of them, ready; the two servers on the first and the last, the client on the first. */
export function createFakeCluster({ nodes = 1 }: { nodes?: number } = {}): FakeCluster {
  const folder = mkdtempSync(path.join(tmpdir(), 'kiln-smoke-'));
  folders.push(folder);
  const [file, log, extra] = ['kubectl', 'log', 'extra'].map((name) => path.join(folder, name)) as [
    string,
    string,
    string,
  ];
  writeFileSync(extra, '');
  writeFileSync(file, script({ log, extra, folder, nodes }));
  chmodSync(file, 0o755);
  return {
    kubectl: file,
    calls: () => (existsSync(log) ? readFileSync(log, 'utf8').split('\n').filter(Boolean) : []),
    answer: (pattern, body) =>
      writeFileSync(extra, `${readFileSync(extra, 'utf8')}case "$*" in ${pattern}) ${body}; exit;; esac\n`),
  };
}

/** Deleting a pod leaves web-b and web-c, on the last node; draining that one leaves web-d and web-e, on the first. */
function script({
  log,
  extra,
  folder,
  nodes,
}: {
  log: string;
  extra: string;
  folder: string;
  nodes: number;
}): string {
  const names = Array.from({ length: nodes }, (_, index) => `minion-${index + 1}`);
  const last = names.at(-1);
  const servers = `${folder}/servers`;
  return `#!/bin/sh
shift
echo "$*" >> ${log}
. ${extra}
[ -e ${servers} ] || echo 'web-a web-b' > ${servers}
pods() { sep=''; printf '{"items":['; for pod in $1; do printf '%s%s' "$sep" "{\\"metadata\\":{\\"name\\":\\"$pod\\"},\\"spec\\":{\\"nodeName\\":\\"$(node $pod)\\"},\\"status\\":{\\"podIP\\":\\"$(ip $pod)\\",\\"conditions\\":[{\\"type\\":\\"Ready\\",\\"status\\":\\"True\\"}]}}"; sep=,; done; echo ']}'; }
node() { case $1 in web-b|web-c) echo ${last};; *) echo minion-1;; esac; }
ip() { echo 10.244.0.$(printf '%s' "\${1#web-}" | tr a-h 1-8); }
case "$*" in
"get --raw=/readyz") printf ok;;
"get --raw=/version") echo '{"gitVersion":"v1.20.2"}';;
create*) case $(cat) in *Self*) echo '{"status":{"allowed":true}}';; *) echo '{"status":{"allowed":false}}';; esac;;
"get nodes --output=json") echo '${JSON.stringify({ items: names.map(node) })}';;
"get nodes --selector"*) ;;
"get namespace"*) if [ -e ${folder}/namespace ]; then echo '{"metadata":{"name":"kiln-smoke","labels":{"app.kubernetes.io/part-of":"kiln-smoke"}}}'; fi;;
apply*) cat > ${folder}/namespace;;
"delete namespace"*) rm ${folder}/namespace;;
"delete pod"*) echo 'web-b web-c' > ${servers};;
drain*) echo 'web-d web-e' > ${servers};;
*selector=app=web*) pods "$(cat ${servers})";;
*selector=app=client*) pods client;;
logs*) for word in $*; do :; done; echo "serving $word";;
*hostname) echo client;;
*config/word) printf 'mounted from a ConfigMap';;
*secret/word) printf 'mounted from a Secret';;
*"sh -c"*) tr ' ' '\\n' < ${servers};;
*wget*10.244.0.*) for pod in $(cat ${servers}); do case $* in *$(ip $pod):*) echo $pod;; esac; done;;
"get service web"*) echo '{"metadata":{"name":"web"},"spec":{"clusterIP":"10.96.0.7","ports":[{"port":80,"nodePort":30080}]}}';;
esac
`;
}

function node(name: string, index: number): unknown {
  return {
    metadata: { name },
    spec: {},
    status: {
      conditions: [{ type: 'Ready', status: 'True' }],
      addresses: [{ type: 'InternalIP', address: `10.89.0.${11 + index}` }],
    },
  };
}
