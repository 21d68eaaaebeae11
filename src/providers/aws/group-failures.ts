import type { AwsApi } from './api.js';

/** What is looked at of a group's history; a page of AWS's. */
const ACTIVITIES = 100;
/** What is told of it. */
const MOST = 5;

/**
 * Why a group could not launch since the last time it could: the newest few failed activities, each message once.
 *
 * @throws AwsError
 */
export async function readGroupFailures(
  api: AwsApi,
  group: string,
): Promise<{ time: string; message: string }[]> {
  const page = await api.read('autoscaling:DescribeScalingActivities', {
    AutoScalingGroupName: group,
    MaxRecords: ACTIVITIES,
  });
  // AWS gives the newest first.
  const activities = page?.Activities ?? [];
  const success = activities.findIndex(({ StatusCode }) => StatusCode === 'Successful');
  const since = success === -1 ? activities : activities.slice(0, success);
  const failures = new Map<string, string>();
  for (const { StatusCode, StatusMessage, Description, EndTime, StartTime } of since) {
    if (StatusCode !== 'Failed' && StatusCode !== 'Cancelled') continue;
    const message = StatusMessage || Description || 'it could not launch, and AWS does not say why';
    if (!failures.has(message)) failures.set(message, (EndTime ?? StartTime)?.toISOString() ?? '');
  }
  return [...failures].slice(0, MOST).map(([message, time]) => ({ time, message }));
}
