import { type SmokeCheck, unexpected } from '../check.js';
import { eventually } from '../eventually.js';
import { NAMESPACE } from '../manifests.js';
import { readPods } from '../read-cluster.js';

export const logsCheck: SmokeCheck = {
  name: 'logs',
  title: 'kubectl logs shows what each pod printed',
  limit: 300,
  needs: ['deploy'],
  hint: 'kubectl get csr: the serving certificate of each kubelet must be approved; the API server trusts no other.',
  async run(context) {
    const { kubectl } = context;
    const pods = await readPods(kubectl, 'web');
    for (const { metadata } of pods) {
      await eventually(context, async () => {
        const args = ['logs', `--namespace=${NAMESPACE}`, metadata.name];
        const log = await kubectl.run(`read the log of ${metadata.name}`, args);
        if (log.split('\n').includes(`serving ${metadata.name}`)) return;
        throw unexpected(`the log of ${metadata.name} is ${JSON.stringify(log)}`);
      });
    }
    return `logs of ${pods.length} pods read`;
  },
};
