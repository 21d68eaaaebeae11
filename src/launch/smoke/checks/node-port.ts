import { type SmokeCheck, unexpected } from '../check.js';
import { eventually } from '../eventually.js';
import { addressOf } from '../objects.js';
import { readNodes, readPods } from '../read-cluster.js';
import { webService } from './service.js';

export const nodePortCheck: SmokeCheck = {
  name: 'node-port',
  title: 'the service answers from outside on the port of every node',
  limit: 600,
  needs: ['deploy'],
  hint: 'The firewall of the nodes must pass 30000-32767; on the node: journalctl -b -u kube-proxy.service.',
  async run(context) {
    const { kubectl, reach, signal } = context;
    if (reach === undefined) return { skipped: 'nothing here reaches the nodes’ network from outside' };
    const port = (await webService(context)).spec.ports[0]?.nodePort;
    const addresses = (await readNodes(kubectl)).flatMap((node) => addressOf(node) ?? []);
    for (const address of addresses) {
      await eventually(context, async () => {
        const answer = (await reach(`http://${address}:${port}/`, signal)).trim();
        const pods = (await readPods(kubectl, 'web')).map(({ metadata }) => metadata.name);
        if (!pods.includes(answer))
          throw unexpected(`${address}:${port} answers ${JSON.stringify(answer)}, no pod's name`);
      });
    }
    return addresses.map((address) => `${address}:${port}`).join(', ');
  },
};
