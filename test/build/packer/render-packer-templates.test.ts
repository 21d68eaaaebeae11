import test from 'ava';
import type { PackerTarget } from '../../../src/build/packer/packer-settings.js';
import { renderPackerTemplates } from '../../../src/build/packer/render-packer-templates.js';
import { listOs, loadOs } from '../../../src/catalog/load-catalog.js';
import { matchGolden } from '../../helpers/golden.js';
import { smallPlan } from './plan.js';

const OLD = '1.6.6';
const NEW = '1.14.0';

function render(os: string, target: PackerTarget, packerVersion = OLD): Map<string, string> {
  const files = renderPackerTemplates({ plan: smallPlan(os), target, packerVersion });
  return new Map(files.map(({ path, content }) => [path, content]));
}

/** Scripts are files of the repository; everything else is made here. */
function asText(files: Map<string, string>): string {
  return [...files]
    .filter(([path]) => !path.endsWith('.sh'))
    .map(([path, content]) => `######## ${path}\n${content}`)
    .join('\n');
}

for (const os of ['debian12', 'centos7']) {
  for (const target of ['disk', 'aws'] as const) {
    test(`${os} for ${target}: what Packer 1.6 is given`, (t) => {
      matchGolden(t, `packer/${os}-${target}-${OLD}.txt`, asText(render(os, target)));
    });
  }
}

test('debian12 for aws: what a Packer with plugins is given', (t) => {
  matchGolden(t, `packer/debian12-aws-${NEW}.txt`, asText(render('debian12', 'aws', NEW)));
});

test('only a Packer with plugins is given the plugins file and the settings Packer 1.6 rejects', (t) => {
  const rejected = /required_plugins|imds_support|metadata_options|deprecate_at/;
  t.notRegex(asText(render('debian12', 'aws', OLD)), rejected);
  t.notRegex(asText(render('debian12', 'disk', OLD)), rejected);
  t.false(render('debian12', 'disk', '1.6.10').has('plugins.pkr.hcl'));
  t.true(render('debian12', 'disk', '1.7.0').has('plugins.pkr.hcl'));
  t.regex(asText(render('debian12', 'aws', NEW)), /http_tokens\s+= "required"/);
  t.regex(asText(render('debian12', 'aws', NEW)), /deprecate_at = var\.deprecate_at/);
});

for (const os of listOs()) {
  test(`${os}: the base AMI is pinned to its owner and the image is private`, (t) => {
    const template = render(os, 'aws').get('amazon-ebs.pkr.hcl') ?? '';
    t.true(template.includes(`owners = ["${loadOs(os).ami.owner}"]`));
    t.regex(template, /\n {2}source_ami = var\.source_ami\n/);
    t.notRegex(template, /ami_groups\s*=|ami_users\s*=/);
  });
}

test('a base of another account is held to that account', (t) => {
  const ami = {
    kind: 'ami',
    name: 'mine',
    region: 'eu-west-1',
    id: 'ami-0123456789abcdef0',
    source: '',
  } as const;
  const plan = { ...smallPlan('debian12'), base: { ...ami, owner: '999999999999' } };
  const files = renderPackerTemplates({ plan, target: 'aws', packerVersion: OLD });
  t.true(files.some(({ content }) => content.includes('owners = ["999999999999"]')));
});

test('the name of an AMI differs with the plan', (t) => {
  const plan = smallPlan('debian12');
  const other = { ...plan, id: `sha256:${'f'.repeat(64)}` };
  const name = (of: typeof plan): string | undefined =>
    /ami_name\s+= "(.*)"/.exec(
      renderPackerTemplates({ plan: of, target: 'aws', packerVersion: OLD }).find(({ path }) =>
        path.startsWith('amazon'),
      )?.content ?? '',
    )?.[1];
  t.is(name(plan), 'kiln-debian12-1.36.2-flannel-amd64-0123456789ab');
  t.not(name(plan), name(other));
});

test('tags hold only what AWS takes in them, and names what it takes in names', (t) => {
  const plan = smallPlan('debian12');
  const spec = { ...plan.spec, kubernetes: '1.36.2+x~1 $"y' };
  const files = renderPackerTemplates({ plan: { ...plan, spec }, target: 'aws', packerVersion: OLD });
  const template = files.find(({ path }) => path.startsWith('amazon'))?.content ?? '';
  t.true(template.includes('"kiln:kubernetes" = "1.36.2+x_1 __y"'));
  t.true(template.includes('ami_name        = "kiln-debian12-1.36.2_x_1___y-flannel-amd64-0123456789ab"'));
});

test('brings along every script a step calls', (t) => {
  for (const target of ['disk', 'aws'] as const) {
    const files = render('debian12', target);
    const called = [...asText(files).matchAll(/\/bin\/sh \/var\/tmp\/kiln\/(\S+\.sh)/g)].map(
      ([, name]) => `inside/${name}`,
    );
    t.true(called.length >= 5);
    for (const script of [...called, 'inside/clean-traces.sh', 'inside/image.list'])
      t.true(files.has(script), script);
  }
});

test('an architecture without a machine type is refused with the mend', (t) => {
  const error = t.throws(() =>
    renderPackerTemplates({ plan: smallPlan('debian12', 'arm64'), target: 'disk', packerVersion: OLD }),
  );
  t.like(error, {
    code: 'PAIR_REFUSED',
    message: 'The Packer engine has no QEMU machine for debian12 on arm64',
  });
});
