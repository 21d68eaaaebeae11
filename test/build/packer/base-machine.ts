import { execFile, spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import path from 'node:path';
import { promisify } from 'node:util';
import { detectAccelerator } from '../../../src/boot/detect-accelerator.js';
import { findFirmware } from '../../../src/boot/firmware.js';
import { makeSeed } from '../../../src/boot/make-seed.js';
import { diskArguments, machineArguments } from '../../../src/boot/virtual-machine.js';
import { makeSshKey } from '../../../src/build/packer/make-ssh-key.js';
import { createGate } from '../../../src/gate/gate.js';

/** A machine that stands in for the builder instance: real disk, real SSH, on this machine. */
export interface BaseMachine {
  port: number;
  keyFile: string;
  console: string;
  /** Ends it and gives its disk, raw. */
  stop(): Promise<string>;
}

/** Boots a copy of the base disk with the cloud's user and a key of its own. */
export async function startBaseMachine({
  base,
  folder,
  user,
  teardown,
}: {
  base: string;
  folder: string;
  user: string;
  teardown: (work: () => void) => void;
}): Promise<BaseMachine> {
  const gate = createGate({});
  const run = promisify(execFile);
  const disk = path.join(folder, 'machine.qcow2');
  await run('qemu-img', ['create', '-q', '-f', 'qcow2', '-F', 'qcow2', '-b', base, disk, '8G']);
  const key = makeSshKey('test');
  const keyFile = path.join(folder, 'machine-key');
  await writeFile(keyFile, key.privateKey, { mode: 0o600 });
  const userData = `#cloud-config
users:
  - name: ${user}
    shell: /bin/bash
    lock_passwd: true
    sudo: ALL=(ALL) NOPASSWD:ALL
    ssh_authorized_keys: ['${key.publicKey}']
package_update: false
package_upgrade: false
`;
  const seed = await makeSeed({ gate, folder, userData, metaData: 'instance-id: i-test\n' });
  const port = await freePort();
  const consoleFile = path.join(folder, 'console');
  const network = `user,hostfwd=tcp:127.0.0.1:${port}-:22`;
  const accelerator = await detectAccelerator(gate);
  const args = [
    ...machineArguments({ accelerator, memoryMiB: 2048, mac: '52:54:00:12:34:56', network }),
    ...['-bios', findFirmware(), '-serial', `file:${consoleFile}`],
    ...[
      { file: disk, format: 'qcow2' as const, readOnly: false },
      { file: seed, format: 'raw' as const, readOnly: true },
    ].flatMap(diskArguments),
  ];
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', 'qemu-system-x86_64', ...args], { stdio: 'ignore' });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  teardown(() => child.kill('SIGKILL'));
  return {
    port,
    keyFile,
    console: consoleFile,
    async stop() {
      // Cut off, as an instance is whose file systems are read-only already.
      child.kill('SIGTERM');
      await ended;
      const raw = path.join(folder, 'machine.raw');
      await run('qemu-img', ['convert', '-f', 'qcow2', '-O', 'raw', disk, raw]);
      return raw;
    },
  };
}

/** A port nothing listens on. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
