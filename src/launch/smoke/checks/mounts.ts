import { type SmokeCheck, unexpected } from '../check.js';
import { MOUNTS, WORDS } from '../manifests.js';
import { inClient } from '../read-cluster.js';

export const mountsCheck: SmokeCheck = {
  name: 'mounts',
  title: 'a ConfigMap and a Secret are files in the pod',
  limit: 300,
  needs: ['exec'],
  hint: 'kubectl describe pods -n kiln-smoke shows failed mounts; the API server logs a Secret it cannot decrypt.',
  async run({ kubectl }) {
    for (const kind of ['config', 'secret'] as const) {
      const held = await inClient(kubectl, ['cat', `${MOUNTS[kind]}/word`]);
      if (held !== WORDS[kind]) throw unexpected(`${MOUNTS[kind]}/word holds ${JSON.stringify(held)}`);
    }
    return `${MOUNTS.config} and ${MOUNTS.secret}`;
  },
};
