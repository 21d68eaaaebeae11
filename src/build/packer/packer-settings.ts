import { readFileSync } from 'node:fs';
import { load } from 'js-yaml';
import type { Arch } from '../../plan/types.js';
import { repositoryPath } from '../../repository.js';

export type PackerTarget = 'disk' | 'aws';
export type PackerBuilder = 'qemu' | 'amazon-ebs';

/** `packer/settings.yaml`. */
export interface PackerSettings {
  /** The user Packer enters a disk's machine as; gone before the image is finished. */
  builderUser: string;
  /** Where the bake's scripts and lists are inside the machine; gone before the image is finished. */
  workFolder: string;
  /** Names the overlay's disk inside the machine, as `/dev/disk/by-id/virtio-<serial>`. */
  overlaySerial: string;
  machine: Partial<Record<Arch, string>>;
  diskMebibytes: number;
  /** How long a new cloud machine may take until it lets Packer in, as Packer writes times. */
  sshTimeout: string;
  deprecateAfterDays: number;
  instanceType: Record<Arch, string>;
  plugins: Record<PackerBuilder, { name: string; version: string; source: string }>;
}

export function packerSettings(): PackerSettings {
  return load(readFileSync(repositoryPath('packer/settings.yaml'), 'utf8')) as PackerSettings;
}

export function builderOf(target: PackerTarget): PackerBuilder {
  return target === 'aws' ? 'amazon-ebs' : 'qemu';
}
