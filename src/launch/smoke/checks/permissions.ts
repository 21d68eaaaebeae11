import { type SmokeCheck, unexpected } from '../check.js';
import type { Kubectl } from '../kubectl.js';
import { NAMESPACE } from '../manifests.js';

const READ_SECRETS = { verb: 'list', resource: 'secrets', namespace: 'kube-system' };
const STRANGERS = [
  { who: 'a request without a name', user: 'system:anonymous', groups: ['system:unauthenticated'] },
  {
    who: 'a pod',
    user: `system:serviceaccount:${NAMESPACE}:default`,
    groups: ['system:serviceaccounts', 'system:authenticated'],
  },
  { who: 'a node', user: 'system:node:kiln-smoke', groups: ['system:nodes', 'system:authenticated'] },
];

export const permissionsCheck: SmokeCheck = {
  name: 'permissions',
  title: 'the administrator may do everything, strangers may not list secrets',
  limit: 120,
  needs: ['api'],
  hint: 'kubectl get clusterrolebindings -o wide shows who is bound to what; the API server must run with Node,RBAC.',
  async run({ kubectl }) {
    const everything = { verb: '*', group: '*', resource: '*' };
    if (!(await isAllowed(kubectl, 'SelfSubjectAccessReview', { resourceAttributes: everything }))) {
      throw unexpected('this kubeconfig may not do everything in the cluster');
    }
    for (const { who, user, groups } of STRANGERS) {
      const spec = { user, groups, resourceAttributes: READ_SECRETS };
      if (await isAllowed(kubectl, 'SubjectAccessReview', spec)) {
        throw unexpected(`${who} (${user}) may list the secrets of kube-system`);
      }
    }
    return `refused: ${STRANGERS.map(({ who }) => who).join(', ')}`;
  },
};

/** Asks the API server itself: nothing is stored, the answer comes back in the object. */
async function isAllowed(kubectl: Kubectl, kind: string, spec: Record<string, unknown>): Promise<boolean> {
  const review = JSON.stringify({ apiVersion: 'authorization.k8s.io/v1', kind, spec });
  const args = ['create', '--filename=-', '--output=json'];
  const answer = await kubectl.run('ask who may do what', args, review);
  return (JSON.parse(answer) as { status: { allowed: boolean } }).status.allowed;
}
