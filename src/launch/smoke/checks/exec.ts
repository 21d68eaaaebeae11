import { type SmokeCheck, unexpected } from '../check.js';
import { eventually } from '../eventually.js';
import { inClient, readClient } from '../read-cluster.js';

export const execCheck: SmokeCheck = {
  name: 'exec',
  title: 'kubectl exec runs a program in a pod',
  limit: 300,
  needs: ['deploy'],
  hint: 'As for logs: the API server speaks to the kubelet on port 10250 of the node, with verification on.',
  async run(context) {
    const { metadata } = await readClient(context.kubectl);
    await eventually(context, async () => {
      const name = (await inClient(context.kubectl, ['cat', '/proc/sys/kernel/hostname'])).trim();
      if (name !== metadata.name)
        throw unexpected(`the host name in ${metadata.name} is ${JSON.stringify(name)}`);
    });
    return `ran in ${metadata.name}`;
  },
};
