import test from 'ava';
import { listOs, loadComponents, loadOs, loadPins } from '../../src/catalog/load-catalog.js';
import { readYaml } from '../../src/catalog/read-yaml.js';
import { loadUpdates, updatesSchema } from '../../src/update/update-catalog.js';

const { artifacts, kept, images } = loadUpdates();

test('the file fits its schema', (t) => {
  t.notThrows(() => updatesSchema.parse(readYaml('updates.yaml')));
});

test('of every component it says where to ask, or why not', (t) => {
  const known = [...artifacts, ...kept].flatMap(({ names }) => names);
  // Only ever in a mirror made from the Debian archive.
  const components = Object.keys(loadComponents()).filter((name) => name !== 'image/smoke');
  t.deepEqual(known.toSorted(), components.toSorted());
});

test('placeholders are those that are filled', (t) => {
  const filled = /\{(?:minor|url|folder|algorithm|arch|cpu)\}/g;
  const templates = [
    ...artifacts.flatMap(({ newest, checksums }) => [...Object.values(newest), checksums]),
    ...Object.values(images).flatMap(({ checksums, file }) => [checksums, file.replaceAll(/\\d\{\d\}/g, '')]),
  ];
  for (const template of templates) t.notRegex(template.replaceAll(filled, ''), /[{}]/, template);
});

test('the official images that are pinned are found by their own patterns', (t) => {
  for (const [os, { folder, checksums, file }] of Object.entries(images)) {
    for (const { arch, url, cpu } of loadOs(os).images.filter((image) => image.cpu === undefined)) {
      t.is(cpu, undefined);
      const processor = arch === 'amd64' ? 'x86_64' : 'aarch64';
      const fill = (text: string) => text.replaceAll('{arch}', arch).replaceAll('{cpu}', processor);
      const place = fill(checksums).slice(0, fill(checksums).lastIndexOf('/') + 1);
      const pattern = place.replaceAll(/[.+?]/g, '\\$&').replace('{folder}', `(?:${folder})`) + fill(file);
      t.regex(url, new RegExp(`^${pattern}$`), os);
    }
  }
  const without = listOs().filter((os) => images[os] === undefined);
  t.deepEqual(without, ['al2023', 'centos7']);
});

test('a pin’s checksum file is where its publisher keeps it', (t) => {
  const template = artifacts.find(({ names }) => names.includes('runc'))?.checksums ?? '';
  const [pin] = loadPins('runc', '1.3.6');
  const folder = pin?.url.slice(0, pin.url.lastIndexOf('/')) ?? '';
  t.is(
    template.replace('{folder}', folder),
    'https://github.com/opencontainers/runc/releases/download/v1.3.6/runc.sha256sum',
  );
});
