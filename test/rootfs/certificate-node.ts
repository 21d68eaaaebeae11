import { X509Certificate } from 'node:crypto';
import { cpSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { createRoleNode, writeBundle } from './identity-node.js';
import type { Node } from './node.js';

export const PKI = '/etc/kubernetes/pki';
export const TABLE = '/usr/lib/kiln/certificates';

/** A master with the secrets of its role, as they are before it issues anything. */
export async function master(): Promise<Node> {
  const node = createRoleNode('master');
  await writeBundle(node, '/bundle', { roles: 'master' });
  install(node, 'master');
  return node;
}

/** Puts a role's bundle in place, as kube-identity does. */
export function install(node: Node, role: string): void {
  cpSync(path.join(node.root, 'bundle', role), path.join(node.root, PKI), { recursive: true });
}

/** What the script works with and must take away again. */
export function left(node: Node): string[] {
  const ofRun = readdirSync(path.join(node.root, 'run/kubernetes')).filter((name) => name.startsWith('.'));
  const ofPki = readdirSync(path.join(node.root, PKI), { recursive: true, encoding: 'utf8' });
  return [...ofRun, ...ofPki.filter((name) => name.endsWith('.new'))];
}

/** The table's one line that begins so. */
export function only(node: Node, start: string): string {
  return `${node
    .read(TABLE)
    .split('\n')
    .find((line) => line.startsWith(`${start} `))}\n`;
}

export function certificate(node: Node, leaf: string): X509Certificate {
  return new X509Certificate(node.read(`${PKI}/${leaf}.crt`));
}

export function names({ subjectAltName = '' }: X509Certificate): string[] {
  return subjectAltName.split(', ').sort();
}
