import { loadPort } from '../catalog/load-port.js';
import type { Gate } from '../gate/gate.js';
import { runCommand } from '../gate/run-command.js';
import { commandInNode, nodeStatus } from '../providers/local/local-provider.js';
import { clusterFiles } from './cluster-files.js';
import type { EtcdHealth, MachineProbe } from './read-status.js';
import type { Cluster } from './types.js';

/** For the login and the answer, in milliseconds. */
const TIMEOUT = 20_000;
const LIST_FAILED = 'systemctl list-units --state=failed --plain --no-legend --no-pager';

/** Looks at machines of a cluster on this machine. */
export function localMachineProbe(gate: Gate, cluster: Cluster): MachineProbe {
  const { folder } = clusterFiles(cluster.name);
  return {
    async machine({ name, started }) {
      const status = await nodeStatus({ folder, cluster, node: name });
      if (status.state === 'failed') return { state: 'failed', reason: status.reason };
      const state = status.state === 'stopped' && started === undefined ? 'not started' : status.state;
      return { state, reason: null };
    },
    async services({ name }) {
      const [file = '', ...args] = commandInNode({
        folder,
        cluster,
        node: name,
        command: ['bash', '-c', `${LIST_FAILED}; ${askEtcd()}`],
      });
      const answer = await runCommand(
        gate,
        { file, args, timeout: TIMEOUT, reason: `ask ${name} for its services` },
        { capture: true },
      ).catch(() => undefined);
      return answer === undefined
        ? { etcd: 'unknown', failedUnits: null }
        : { etcd: etcdHealth(answer), failedUnits: failedUnits(answer) };
    },
  };
}

/** bash, since a node need not have curl. The last word is for a node that let us in and where nothing listens. */
function askEtcd(): string {
  const port = loadPort('etcd.service', '127.0.0.1');
  const ask = `exec 3<>/dev/tcp/127.0.0.1/${port}; printf "GET /health HTTP/1.0\\r\\n\\r\\n" >&3; timeout 5 cat <&3`;
  return `( ${ask} ) 2>/dev/null || echo refused`;
}

/** etcd answers 200 with `{"health":"true"}`, or 503 with "false". Source: etcd server/etcdserver/api/etcdhttp/metrics.go. */
export function etcdHealth(answer: string): EtcdHealth {
  if (/"health"\s*:\s*"true"/.test(answer)) return 'healthy';
  return /"health"\s*:\s*"false"|^refused$/m.test(answer) ? 'unhealthy' : 'unknown';
}

/** systemd's lines `UNIT LOAD ACTIVE SUB DESCRIPTION`; some versions put a mark before one that failed. */
export function failedUnits(answer: string): string[] {
  return [...answer.matchAll(/^\W*(\S+\.[a-z]+) +\S+ +failed +failed /gm)].map(([, unit]) => String(unit));
}
