import { existsSync, statSync } from 'node:fs';
import path from 'node:path';
import { KilnError } from '../errors.js';
import { readConfig } from '../spec/read-config.js';
import type { Config } from '../spec/spec.js';

/** Where nodes run: machines of this computer, or of an account of AWS. */
export type Provider = NonNullable<Config['provider']>;

/** Beside a manifest: the image is one of AWS and has no disk here. */
const AMI_FILE = 'ami.json';

/** What of a verb's options says where the cluster is. */
export interface ProviderOptions {
  provider?: Provider | undefined;
  region?: string | undefined;
}

/**
 * Which provider a verb is about, and what `kiln.yaml` says of it: `--provider`, else `provider` in `kiln.yaml`, else what the
 * image is made for, else this machine. Where `--provider local` is said the file is not read.
 *
 * @throws KilnError CONFIG_INVALID; USAGE for a region of this machine.
 */
export async function chooseProvider({
  provider,
  region,
  image,
}: ProviderOptions & { image?: string | undefined }): Promise<{ provider: Provider; config: Config }> {
  const config = provider === 'local' ? {} : await readConfig(undefined);
  const chosen = provider ?? config.provider ?? providerOf(image);
  if (chosen === 'local' && region !== undefined) {
    throw new KilnError('USAGE', '--region is about AWS, and this is about clusters of this machine', {
      hint: 'Say --provider aws too, or put `provider: aws` in kiln.yaml.',
    });
  }
  return { provider: chosen, config };
}

/** `ami-…`, or a folder (or a file in one) of an image baked for AWS. */
function providerOf(image: string | undefined): Provider {
  if (image === undefined) return 'local';
  if (/^ami-\w+$/.test(image)) return 'aws';
  const folder = existsSync(image) && !statSync(image).isDirectory() ? path.dirname(image) : image;
  return existsSync(path.join(folder, AMI_FILE)) ? 'aws' : 'local';
}

/** For verbs that only clusters of this machine have. @throws KilnError USAGE on AWS: `why`, and what to do instead. */
export async function requireLocal(
  options: ProviderOptions,
  { why, instead }: { why: string; instead: string },
): Promise<void> {
  const { provider } = await chooseProvider(options);
  if (provider === 'aws') throw new KilnError('USAGE', why, { hint: instead });
}
