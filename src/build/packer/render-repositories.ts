import type { OperatingSystem } from '../../catalog/os.js';
import type { RenderedFile } from '../../render/render-template.js';

type Repository = OperatingSystem['repositories'][number];

/** The package repositories the bake uses instead of the base's own; none where those are right. */
export function renderRepositories(os: OperatingSystem): RenderedFile[] {
  if (os.repositories.length === 0) return [];
  const apt = os.packageManager === 'apt';
  return [
    {
      path: apt ? 'inside/kiln.sources' : 'inside/kiln.repo',
      content: os.repositories.map(apt ? aptSource : rpmRepository).join('\n'),
    },
  ];
}

function aptSource({ baseUrl, gpgKey, suites = [], components = [] }: Repository): string {
  return lines([
    'Types: deb',
    `URIs: ${baseUrl}`,
    `Suites: ${suites.join(' ')}`,
    `Components: ${components.join(' ')}`,
    `Signed-By: ${gpgKey}`,
  ]);
}

function rpmRepository({ id, baseUrl, gpgKey }: Repository): string {
  return lines([
    `[${id}]`,
    `name=${id}`,
    `baseurl=${baseUrl}`,
    'enabled=1',
    'gpgcheck=1',
    `gpgkey=${gpgKey}`,
  ]);
}

function lines(values: readonly string[]): string {
  return `${values.join('\n')}\n`;
}
