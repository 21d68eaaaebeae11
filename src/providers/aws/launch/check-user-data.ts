/** Before it is encoded. Source: EC2 user guide, instance user data. */
const LARGEST = 16 * 1024;

/** What is wrong with user data for nodes of one cluster; empty when nothing is. */
export function checkUserData(text: string, cluster: string): string[] {
  const size = Buffer.byteLength(text);
  const named = new Set([...text.matchAll(/\bCLUSTER_NAME=(\S*)/g)].map(([, name = '']) => name));
  const names = [...named].join(', ') || 'none';
  return [
    ...(text.startsWith('#cloud-config\n') ? [] : ['the user data is not #cloud-config']),
    ...(size > LARGEST ? [`the user data has ${size} bytes; AWS takes ${LARGEST}`] : []),
    ...(named.size === 1 && named.has(cluster)
      ? []
      : [`the user data is to name the cluster ${cluster} and no other; it names ${names}`]),
  ];
}
