import type { NodesRequest } from '../../../launch/parse-request.js';
import type { AwsLaunchOptions } from '../launch-on-aws.js';
import { checkImage } from './check-image.js';
import { checkAdminCidrs, checkNetwork } from './check-network.js';
import { checkUserData } from './check-user-data.js';
import type { Finding } from './finding.js';
import { groupOf } from './launch-group.js';
import type { LaunchFacts } from './read-facts.js';

interface Checked extends Pick<AwsLaunchOptions, 'api' | 'request' | 'settings'> {
  image: AwsLaunchOptions['image'];
  facts: LaunchFacts;
  userData: string;
  /** Nodes to be launched. */
  missing: number;
}

/** Everything that speaks against a launch; in a dry run, which knows nothing of the account, what can be said without. */
export function checkLaunch({
  api,
  request,
  settings,
  image: wish,
  facts,
  userData,
  missing,
}: Checked): Finding[] {
  const { cluster } = request;
  const local = [...checkUserData(userData, cluster).map((text) => ({ text })), ...checkAdminCidrs(settings)];
  if (api.dryRun) return local;
  const { image, types, subnets, groups } = facts;
  return [
    ...local,
    ...checkImage({ wish, image, types, settings }),
    ...checkNetwork({ cluster, settings, subnets, groups, missing }),
    ...(facts.profile ? [] : [{ text: `there is no instance profile ${settings.instanceProfile}` }]),
    ...checkGroup(facts, request),
  ];
}

function checkGroup({ cluster }: LaunchFacts, { roles }: NodesRequest): Finding[] {
  const group = groupOf(cluster, roles);
  if (group?.status === undefined) return [];
  return [{ text: `the group ${group.name} is being deleted (${group.status}): wait until it is gone` }];
}
