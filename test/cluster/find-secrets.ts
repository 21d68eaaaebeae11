import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { TestCluster } from './test-cluster.js';

/** Public by nature: certificates and the public half of the service account key. */
const PUBLIC = /\.(crt|pub)$/;

/**
 * The real secrets of a cluster as texts to search for: of each key a line from the middle of its body, of the token its
 * second half, of the encryption settings the key.
 */
export async function clusterSecrets({ folder }: TestCluster): Promise<string[]> {
  const identity = path.join(folder, 'identity');
  const names = (await readdir(identity)).filter((name) => !PUBLIC.test(name));
  const texts = await Promise.all(names.map((name) => readFile(path.join(identity, name), 'utf8')));
  return texts.map(secretPart);
}

function secretPart(text: string): string {
  const encryption = /^\s*secret: (\S+)$/m.exec(text)?.[1];
  if (encryption !== undefined) return encryption;
  const token = /^[a-z0-9]{6}\.([a-z0-9]{16})$/.exec(text.trim())?.[1];
  if (token !== undefined) return token;
  const [, body] = text.split('\n');
  if (body === undefined || !text.startsWith('-----BEGIN')) throw new Error('a secret of an unknown kind');
  return body;
}

/** Where people and programs other than root could read. Not the image's own files, which the disk checks look at. */
const READABLE =
  'find /etc /run /var /tmp /home /root /dev/shm -xdev -type f -perm -004 ! -path "/var/lib/containerd/*"';

/**
 * Looks for these texts, and for every private key a node made for itself, on a running node: in world-readable files,
 * arguments and environments of processes, and the journal. Each find is one line; `control` must find something.
 */
export async function findSecretsOnNode(
  cluster: TestCluster,
  node: string,
  secrets: readonly string[],
): Promise<{ found: string[]; control: string[] }> {
  const script = `set -eu
umask 077
work=$(mktemp -d /run/secrets.XXXXXX)
trap 'rm -rf "$work"' EXIT
cat > "$work/patterns" << 'END'
${secrets.join('\n')}
END
find /etc/kubernetes/pki /var/lib/kubelet/pki -type f -exec sed -n '/BEGIN .*PRIVATE KEY/{n;p;}' {} ';' >> "$work/patterns"
echo control
grep -rlF -f "$work/patterns" /etc/kubernetes/pki || true
echo found
${READABLE} -exec grep -lF -f "$work/patterns" {} + || true
for file in /proc/[0-9]*/cmdline /proc/[0-9]*/environ; do
  if tr '\\0' '\\n' 2> /dev/null < "$file" | grep -qF -f "$work/patterns"; then echo "$file"; fi
done
journalctl --no-pager --output=cat | grep -F -f "$work/patterns" | sed 's/^/journal: /' || true
`;
  const lines = (await cluster.onNode(node, script)).split('\n').filter((line) => line !== '');
  const middle = lines.indexOf('found');
  return { control: lines.slice(lines.indexOf('control') + 1, middle), found: lines.slice(middle + 1) };
}

/** The same on this machine: files of the cluster others than root could read, what its nodes were told, and processes. */
export async function findSecretsOnHost(cluster: TestCluster, secrets: readonly string[]): Promise<string[]> {
  const files = (await readdir(cluster.folder, { recursive: true, withFileTypes: true }))
    .filter(
      (entry) => entry.isFile() && /^(cluster\.json|seed\.img|user-data|.*\.log|.*\.conf)$/.test(entry.name),
    )
    .map((entry) => path.join(entry.parentPath, entry.name));
  const processes = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const places = [...files, ...processes.map((id) => `/proc/${id}/cmdline`)];
  const hits = await Promise.all(
    places.map(async (place) => {
      const text = await readFile(place, 'latin1').catch(() => '');
      return secrets.some((secret) => text.includes(secret)) ? [place] : [];
    }),
  );
  return hits.flat();
}
