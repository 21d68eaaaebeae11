import { KilnError } from '../../errors.js';
import type { MachineDisk } from '../rig.js';
import { MODULES } from './user-mode-linux.js';

/** The security module Debian's kernels start with; SELinux would come first in this one. */
export const SECURITY_MODULE = 'security=apparmor';

/** A network of the machine's own: the host's sockets, in user space. */
const OWN_NETWORK = 'transport=vde,vnl=slirp://';

/**
 * Run by the image's own shell before its init: shows the kernel's modules where programs look for modules, and gives the
 * network card a name of the kind that network configuration matches. Nothing of it stays on the disk.
 */
const BEFORE_INIT = ['mount -n -t hostfs -o ro kiln-modules /lib/modules', 'ip link set vec0 name eth0'];
const INIT = 'exec env -i HOME=/ TERM=linux /sbin/init';

/** kubelet wants the processor's frequency, which this kernel does not know; systemd keeps mounts that are there. */
export const SHOW_FREQUENCY: readonly string[] = [
  'mount -n -t proc -o nosuid,nodev,noexec proc /proc',
  'mount -n -t tmpfs -o nosuid,nodev,mode=0755 tmpfs /run',
  '{ cat /proc/cpuinfo; echo cpu MHz : 1000.000; } > /run/kiln-cpuinfo',
  'mount -n --bind /run/kiln-cpuinfo /proc/cpuinfo',
];

/** What the disk at `position` is called in the guest. */
export function ubdName(position: number): string {
  if (position > 15) throw new RangeError('user-mode Linux has 16 disks at most');
  return `ubd${String.fromCharCode('a'.charCodeAt(0) + position)}`;
}

/**
 * The kernel as a command; `folder` is the machine's folder, in which the disk at position N is `disk-N`.
 *
 * Source of the options: linux.uml(1) and the option texts inside the program, of user-mode-linux 7.2um1.
 *
 * @throws KilnError IMAGE_INVALID when a kernel argument of the image has a space or a quotation mark in it.
 */
export function kernelCommand({
  name,
  folder,
  disks,
  memoryMiB,
  mac,
  root,
  kernelArguments,
  network = OWN_NETWORK,
  beforeInit = [],
}: {
  name: string;
  folder: string;
  disks: readonly MachineDisk[];
  memoryMiB: number;
  mac: string;
  root: string;
  kernelArguments: readonly string[];
  /** What its network card is connected to: `transport=` and its options. */
  network?: string;
  /** Commands for the image's shell, without quotation marks. */
  beforeInit?: readonly string[];
}): string[] {
  for (const argument of kernelArguments) {
    if (!/^[^\s"]+$/.test(argument))
      throw new KilnError('IMAGE_INVALID', `Cannot pass ${JSON.stringify(argument)} to user-mode Linux`);
  }
  return [
    ...['linux.uml', `umid=${name}`, `uml_dir=${folder}/uml`, `mem=${memoryMiB}M`, 'seccomp=on'],
    // A restart, and a panic too, ends the machine.
    ...['noreboot', 'panic=-1'],
    ...disks.map(
      ({ readOnly, kept = false }, position) =>
        // Its flushes do not reach the host's disk by themselves (seen: etcd's file was torn when the machine was killed).
        `${ubdName(position)}${readOnly ? 'r' : ''}${kept ? 's' : ''}=${folder}/disk-${position}`,
    ),
    ...[`root=${root}`, 'rw', `hostfs=${MODULES}`],
    ...['con=null', 'ssl=null', 'ssl0=null,fd:1', ...kernelArguments, 'console=ttyS0'],
    // In capitals: cloud-init takes what follows "cc:" on the kernel's command line for its own configuration.
    ...[`vec0:${network},mac=${mac.toUpperCase()}`],
    // The kernel joins its arguments with spaces and splits them again: the quotation marks keep the script in one piece.
    ...['init=/bin/sh', '--', '-c', `"${[...BEFORE_INIT, ...beforeInit, INIT].join('; ')}"`],
  ];
}
