import * as iam from '@aws-sdk/client-iam';
import { clientConfig } from '../../helpers/aws-environment.js';
import type { Moto } from '../../helpers/moto.js';

export interface MotoUser {
  /** Credentials of the user, for the SDK and Packer. */
  env: Record<string, string>;
  /** From now on the user may do this, and nothing else. */
  allow(actions: readonly string[]): Promise<void>;
}

/**
 * Makes moto check from now on who calls, and makes a user in it. It checks actions only: what is allowed on some resources, or under
 * conditions, it takes for not allowed at all, so policies are given to it without them.
 */
export async function makeMotoUser({ url, env }: Moto): Promise<MotoUser> {
  const admin = await makeUser(clientOf(url, env), 'admin');
  await putPolicy(clientOf(url, env), 'admin', ['*']);
  const user = await makeUser(clientOf(url, env), 'tested');
  const response = await fetch(`${url}/moto-api/reset-auth`, {
    method: 'POST',
    headers: { 'content-type': 'text/plain' },
    body: '0',
  });
  if (!response.ok) throw new Error(`moto: reset-auth: ${response.status}`);
  const client = clientOf(url, { ...env, ...admin });
  return {
    env: { ...env, ...user },
    allow: (actions) => putPolicy(client, 'tested', actions),
  };
}

async function makeUser(client: iam.IAMClient, UserName: string): Promise<Record<string, string>> {
  await client.send(new iam.CreateUserCommand({ UserName }));
  const { AccessKey } = await client.send(new iam.CreateAccessKeyCommand({ UserName }));
  return {
    AWS_ACCESS_KEY_ID: AccessKey?.AccessKeyId ?? '',
    AWS_SECRET_ACCESS_KEY: AccessKey?.SecretAccessKey ?? '',
  };
}

async function putPolicy(client: iam.IAMClient, UserName: string, actions: readonly string[]): Promise<void> {
  const PolicyDocument = JSON.stringify({
    Version: '2012-10-17',
    // A policy has to allow something.
    Statement: [{ Effect: 'Allow', Action: ['sts:GetCallerIdentity', ...actions], Resource: '*' }],
  });
  await client.send(new iam.PutUserPolicyCommand({ UserName, PolicyName: 'kiln', PolicyDocument }));
}

function clientOf(url: string, env: Record<string, string>): iam.IAMClient {
  return new iam.IAMClient(clientConfig({ url, env }));
}
