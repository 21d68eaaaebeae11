import { readFileSync } from 'node:fs';
import { repositoryPath } from '../../../src/repository.js';
import { contentOf, type Image } from './image.js';

/** Variables of a unit or script that no environment file sets. `…_ARGS` and `${X:-…}` are the administrator's to set. */
export function unsetVariables(image: Image, text: string): string[] {
  const set = new Set([
    ...assigned(contentOf(image, '/usr/lib/kiln/kubernetes.env')),
    ...assigned(readFileSync(repositoryPath('rootfs/usr/libexec/kiln/kube-role'), 'utf8')),
    ...assigned(text),
    'LC_ALL',
    // awk's own.
    'NF',
  ]);
  const used = [...text.matchAll(/\$\{?([A-Z][A-Z0-9_]+)(?!\w)(:-)?/g)].flatMap(([, name, fallback]) =>
    name === undefined || fallback !== undefined ? [] : [name],
  );
  return [...new Set(used)]
    .filter((name) => !set.has(name) && !name.endsWith('_ARGS') && !name.startsWith('KILN_'))
    .map((name) => `nothing sets ${name}`);
}

function assigned(text: string): string[] {
  return [...text.matchAll(/^(?:export )?([A-Z][A-Z0-9_]+)=/gm)].map((match) => match[1] ?? '');
}
