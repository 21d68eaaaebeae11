import type { Accelerator } from '../../boot/types.js';
import type { Gate } from '../../gate/gate.js';
import type { Cluster } from '../../launch/types.js';
import type { Progress } from '../../progress.js';

/** A cluster on this machine; `folder` is its own one, an absolute path. */
export interface InCluster {
  folder: string;
  cluster: Cluster;
}

/** One node of it, by name. */
export interface InNode extends InCluster {
  node: string;
}

/** For what changes the world and takes its time. */
export interface WithGate {
  gate: Gate;
}

export interface WithProgress extends WithGate {
  progress: Progress;
}

export interface StartNode extends InNode, WithProgress {
  userData: string;
  metaData: string;
  vendorData: string;
  /** Path of the disk labelled KILN-ID; without one the node gets no identity. */
  identityDisk?: string | undefined;
  /** For QEMU; found out when not given. */
  accelerator?: Accelerator | undefined;
}

/** `failed`: it ended, and nobody asked it to; `reason` is the last line of its console. */
export type NodeStatus =
  | { state: 'running'; pid: number }
  | { state: 'stopped' }
  | { state: 'failed'; reason: string };

export interface Destroyed {
  /** What was removed, each as a person would name it; empty when there was nothing. */
  removed: string[];
  /** What could not be removed: none, unless something is badly wrong. */
  leftovers: string[];
}
