import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { closeSync, cpSync, existsSync, globSync, mkdirSync, openSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { defaultDebianMirror } from '../../src/artifacts/debian/default-debian-mirror.js';
import { repositoryPath } from '../../src/repository.js';
import { createNode, type Node } from './node.js';

/** Real etcd members on loopback addresses: the script decides, as in the unit, before every start. */
export interface Lab {
  member(address: string, size: number): Member;
  /** What the name of the etcd nodes resolves to from now on. */
  names(addresses: readonly string[]): void;
  /** etcdctl against one member. */
  ctl(address: string, ...args: string[]): string;
  stop(): void;
}

export interface Member {
  node: Node;
  /** Where it starts next; a machine may get another one. */
  address: string;
  /** As the unit: decide, start, settle once it is ready; again when one of them ends. */
  start(): void;
  ready(): Promise<void>;
  /** SIGKILL; the data stays. */
  kill(): Promise<void>;
  loseDisk(): void;
  journal(): string;
}

export function createLab(): Lab {
  const shared = createNode();
  const bin = etcdPrograms(shared);
  const pki = makeCertificates(shared);
  const members: RunningMember[] = [];
  return {
    member(address, size) {
      const member = new RunningMember({ address, size, bin, pki, names: `${shared.root}/names` });
      members.push(member);
      return member;
    },
    names: (addresses) => shared.write('/names', addresses.map((each) => `${each} STREAM x\n`).join('')),
    ctl: (address, ...args) =>
      execFileSync(
        `${bin}/etcdctl`,
        [
          `--endpoints=https://${address}:2379`,
          `--cacert=${pki}/ca.crt`,
          `--cert=${pki}/server.crt`,
          `--key=${pki}/server.key`,
          ...args,
        ],
        { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] },
      ),
    stop: () => {
      for (const member of members) member.end();
    },
  };
}

class RunningMember implements Member {
  readonly node = createNode();
  address: string;
  readonly #options: { size: number; bin: string; names: string };
  readonly #log: string;
  #running: ChildProcess | undefined;
  #wanted = false;
  #isReady = false;

  constructor(options: { address: string; size: number; bin: string; pki: string; names: string }) {
    this.address = options.address;
    this.#options = options;
    this.#log = `${this.node.root}/journal`;
    const folder = `${this.node.root}/etc/kubernetes/pki/etcd`;
    mkdirSync(folder, { recursive: true });
    cpSync(options.pki, folder, { recursive: true });
    mkdirSync(`${this.node.root}/var/lib/etcd`, { recursive: true, mode: 0o700 });
    this.node.program('getent', `[ "$*" = "ahostsv4 etcd.demo.k8s" ] && cat ${options.names}`);
  }

  start(): void {
    this.#wanted = true;
    void this.#supervise();
  }

  async ready(): Promise<void> {
    for (let tries = 0; tries < 400; tries += 1) {
      if (this.#isReady) return;
      await sleep(100);
    }
    throw new Error(`${this.address} is not ready:\n${this.journal().slice(-6000)}`);
  }

  async kill(): Promise<void> {
    this.end();
    await sleep(300);
  }

  end(): void {
    this.#wanted = false;
    this.#isReady = false;
    this.#running?.kill('SIGKILL');
  }

  loseDisk(): void {
    rmSync(`${this.node.root}/var/lib/etcd`, { recursive: true });
    mkdirSync(`${this.node.root}/var/lib/etcd`, { mode: 0o700 });
  }

  journal(): string {
    return existsSync(this.#log) ? readFileSync(this.#log, 'utf8') : '';
  }

  async #supervise(): Promise<void> {
    while (this.#wanted) {
      if ((await this.#run(this.#script())) === 0 && this.#wanted) {
        void this.#settle();
        await this.#run(['etcd', ...this.#flags()]);
      }
      this.#isReady = false;
      await sleep(200);
    }
  }

  /** Ready is what etcd itself calls ready: it answers for its own health, which takes a quorum. */
  async #settle(): Promise<void> {
    const etcd = `https://${this.address}:2379`;
    const pki = `${this.node.root}/etc/kubernetes/pki/etcd`;
    const health = `etcdctl --endpoints=${etcd} --cacert=${pki}/ca.crt --cert=${pki}/server.crt --key=${pki}/server.key endpoint health`;
    while (this.#wanted) {
      const status = await ended(this.#spawn(['sh', '-c', `${health} > /dev/null 2>&1`]));
      if (status === 0 && this.#wanted) {
        await ended(this.#spawn([...this.#script(), 'settle']));
        this.#isReady = true;
        return;
      }
      await sleep(200);
    }
  }

  #script(): string[] {
    return [repositoryPath('rootfs/usr/libexec/kiln/etcd-cluster')];
  }

  /** The flags of the unit that matter here, with the ones the script wrote. */
  #flags(): string[] {
    const { address } = this;
    const written = this.node.read('/run/etcd/cluster.env');
    const value = (name: string) => new RegExp(`^${name}="?([^"\n]*)`, 'm').exec(written)?.[1] ?? '';
    const pki = `${this.node.root}/etc/kubernetes/pki/etcd`;
    return [
      `--name=${value('KUBE_ETCD_NAME')}`,
      `--data-dir=${this.node.root}/var/lib/etcd`,
      `--listen-client-urls=https://${address}:2379`,
      `--advertise-client-urls=https://${address}:2379`,
      `--listen-peer-urls=https://${address}:2380`,
      `--initial-advertise-peer-urls=https://${address}:2380`,
      '--initial-cluster-token=demo',
      '--client-cert-auth=true',
      `--trusted-ca-file=${pki}/ca.crt`,
      `--cert-file=${pki}/server.crt`,
      `--key-file=${pki}/server.key`,
      '--peer-client-cert-auth=true',
      `--peer-trusted-ca-file=${pki}/ca.crt`,
      `--peer-cert-file=${pki}/server.crt`,
      `--peer-key-file=${pki}/server.key`,
      '--logger=zap',
      ...value('KUBE_ETCD_CLUSTER_ARGS').split(' ').filter(Boolean),
    ];
  }

  async #run(command: string[]): Promise<number | null> {
    this.#running = this.#spawn(command);
    return await ended(this.#running);
  }

  #spawn([program = '', ...args]: string[]): ChildProcess {
    const log = openSync(this.#log, 'a');
    const child = spawn(program, args, {
      stdio: ['ignore', log, log],
      env: {
        PATH: `${this.node.root}/bin:${this.#options.bin}:${process.env.PATH}`,
        KILN_ROOT: this.node.root,
        NODE_IP: this.address,
        KUBE_ETCD: 'etcd.demo.k8s',
        ETCD_SIZE: `${this.#options.size}`,
        KILN_ETCD_EVERY: '1',
      },
    });
    closeSync(log);
    return child;
  }
}

async function ended(child: ChildProcess): Promise<number | null> {
  return await new Promise((resolve) => {
    child.on('error', () => resolve(127));
    child.on('exit', (status) => resolve(status));
  });
}

/** From the mirror that `bake fetch --source debian` makes. */
function etcdPrograms(node: Node): string {
  const [archive] = globSync('*/github.com/etcd-io/etcd/releases/download/*/etcd-*.tar.gz', {
    cwd: defaultDebianMirror('amd64'),
  });
  if (archive === undefined) throw new Error('no etcd to test with: run bake fetch --source debian');
  const bin = `${node.root}/etcd`;
  mkdirSync(bin);
  execFileSync('tar', [
    '-xzf',
    path.join(defaultDebianMirror('amd64'), archive),
    '-C',
    bin,
    '--strip-components=1',
  ]);
  return bin;
}

/** One authority and one certificate for every address of the lab. */
function makeCertificates(node: Node): string {
  const pki = `${node.root}/pki`;
  mkdirSync(pki);
  const openssl = (...args: string[]) =>
    execFileSync('openssl', args, { cwd: pki, stdio: ['ignore', 'ignore', 'pipe'] });
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  openssl('req', '-x509', ...curve, '-keyout', 'ca.key', '-out', 'ca.crt', '-subj', '/CN=etcd-ca');
  openssl('req', ...curve.slice(0, -2), '-keyout', 'server.key', '-out', 'server.csr', '-subj', '/CN=node');
  const addresses = Array.from({ length: 9 }, (_, index) => `IP:127.0.77.${index + 1}`).join(',');
  // What connects within one machine comes from 127.0.0.1, and etcd compares.
  node.write(
    '/pki/extensions',
    `subjectAltName=IP:127.0.0.1,${addresses}\nextendedKeyUsage=serverAuth,clientAuth\n`,
  );
  openssl(
    ...['x509', '-req', '-in', 'server.csr', '-CA', 'ca.crt', '-CAkey', 'ca.key', '-CAcreateserial'],
    ...['-days', '2', '-extfile', 'extensions', '-out', 'server.crt'],
  );
  return pki;
}
