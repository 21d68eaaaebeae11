import { type SmokeCheck, unexpected } from '../check.js';
import { eventually } from '../eventually.js';

export const apiCheck: SmokeCheck = {
  name: 'api',
  title: 'the API server says it is ready',
  limit: 300,
  needs: [],
  hint: 'On a master: systemctl status etcd.service kube-apiserver.service; journalctl -b -u kube-apiserver.service.',
  async run(context) {
    const { kubectl, facts } = context;
    await eventually(context, async () => {
      const said = await kubectl.run('ask the API server whether it is ready', ['get', '--raw=/readyz']);
      if (said.trim() !== 'ok') throw unexpected(`/readyz says ${JSON.stringify(said.trim())}`);
    });
    const version = await kubectl.run('ask the API server for its version', ['get', '--raw=/version']);
    facts.kubernetes = (JSON.parse(version) as { gitVersion: string }).gitVersion;
    return `ready, ${facts.kubernetes}`;
  },
};
