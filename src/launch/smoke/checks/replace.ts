import { type SmokeCheck, unexpected } from '../check.js';
import { NAMESPACE, SERVICE_PORT } from '../manifests.js';
import { readPods } from '../read-cluster.js';
import { readyPods } from './deploy.js';
import { reachPod } from './pods.js';
import { answersOfAll, webService } from './service.js';

export const replaceCheck: SmokeCheck = {
  name: 'replace',
  title: 'a pod that is killed is replaced, and the service, where it works, finds the new one',
  limit: 900,
  needs: ['pods'],
  hint: 'On a master: journalctl -b -u kube-controller-manager.service -u kube-scheduler.service; one of each must lead.',
  async run(context) {
    const { kubectl } = context;
    const [killed] = await readPods(kubectl, 'web');
    if (killed === undefined) throw unexpected('there is no pod to kill');
    const { name } = killed.metadata;
    await kubectl.run(`delete the pod ${name}`, ['delete', 'pod', name, `--namespace=${NAMESPACE}`]);
    await readyPods(context);
    const pods = await readPods(kubectl, 'web');
    for (const pod of pods) await reachPod(context, pod);
    const names = pods.map(({ metadata }) => metadata.name).join(' and ');
    if (!context.passed('service')) return `${name} was deleted; ${names} answer by their addresses`;
    const { clusterIP } = (await webService(context)).spec;
    await answersOfAll(context, `http://${clusterIP}:${SERVICE_PORT}/`);
    return `${name} was deleted; ${names} answer, through the service too`;
  },
};
