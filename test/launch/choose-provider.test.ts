import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'ava';
import { chooseProvider } from '../../src/launch/choose-provider.js';

const folder = mkdtempSync(path.join(tmpdir(), 'kiln-provider-'));
const amiImage = path.join(folder, 'debian12-aws');
const diskImage = path.join(folder, 'debian12');
for (const image of [amiImage, diskImage]) mkdirSync(image);
writeFileSync(path.join(amiImage, 'ami.json'), '{}');
writeFileSync(path.join(amiImage, 'manifest.json'), '{}');

/** The file is looked for where kiln is started: each test sets it up anew, and none waits between. */
async function choose(yaml: string | undefined, options: Parameters<typeof chooseProvider>[0]) {
  const own = mkdtempSync(path.join(folder, 'cwd-'));
  if (yaml !== undefined) writeFileSync(path.join(own, 'kiln.yaml'), yaml);
  const before = process.cwd();
  process.chdir(own);
  try {
    return await chooseProvider(options);
  } finally {
    process.chdir(before);
  }
}

test.serial('this machine, when nothing says otherwise', async (t) => {
  t.deepEqual(await choose(undefined, {}), { provider: 'local', config: {} });
  t.is((await choose(undefined, { image: diskImage })).provider, 'local');
  t.is((await choose(undefined, { image: path.join(folder, 'no-such') })).provider, 'local');
});

test.serial('an AMI, a folder baked for AWS or a file in it mean AWS', async (t) => {
  for (const image of ['ami-0123456789abcdef0', amiImage, path.join(amiImage, 'manifest.json')]) {
    t.is((await choose(undefined, { image })).provider, 'aws', image);
  }
});

test.serial(
  'kiln.yaml wins over the image, the flag over both, and AWS’s part of the file comes along',
  async (t) => {
    const yaml = 'provider: aws\naws:\n  region: eu-west-1\n';
    const chosen = await choose(yaml, { image: diskImage });
    t.is(chosen.provider, 'aws');
    t.deepEqual(chosen.config.aws, { region: 'eu-west-1' });
    t.is((await choose(yaml, { provider: 'local' })).provider, 'local');
    t.is((await choose('provider: local\n', { image: amiImage })).provider, 'local');
    t.is((await choose('provider: local\n', { provider: 'aws' })).provider, 'aws');
  },
);

test.serial('a broken kiln.yaml is told, unless the provider is local by flag', async (t) => {
  await t.throwsAsync(choose('provider: azure\n', {}), { message: /kiln\.yaml/ });
  t.is((await choose('provider: azure\n', { provider: 'local' })).provider, 'local');
});

test.serial('a region of this machine is refused', async (t) => {
  await t.throwsAsync(choose(undefined, { region: 'eu-west-1' }), {
    message: '--region is about AWS, and this is about clusters of this machine',
  });
});
