import test from 'ava';
import { formatManifest, type Manifest, makeManifest } from '../../../src/build/manifest/make-manifest.js';
import { makeSbom } from '../../../src/build/manifest/make-sbom.js';
import { parseDpkgStatus, parsePackageTable } from '../../../src/build/manifest/read-packages.js';
import type { Lock } from '../../../src/lock/lock.js';
import type { Plan } from '../../../src/plan/types.js';

const HEX = 'ab'.repeat(32);
const LOCK: Lock = {
  version: 1,
  source: 'upstream',
  kubernetes: '1.36.2',
  artifacts: [
    {
      name: 'kubelet',
      version: '1.36.2',
      arch: 'amd64',
      kind: 'file',
      url: 'https://dl.k8s.io/v1.36.2/bin/linux/amd64/kubelet',
      digest: `sha256:${HEX}`,
      source: 'kubelet.sha256',
    },
    {
      name: 'image/pause',
      version: '3.10.1',
      arch: 'amd64',
      kind: 'oci',
      url: 'https://registry.k8s.io/v2/pause/manifests/3.10.1',
      digest: `sha512:${HEX}${HEX}`,
      source: 'registry',
    },
  ],
  base: {
    kind: 'disk',
    url: 'https://cloud.debian.org/a.qcow2',
    digest: `sha512:${HEX}${HEX}`,
    source: 'SHA512SUMS',
  },
};
const STATUS = `Package: zlib1g
Status: install ok installed
Architecture: amd64
Source: zlib
Version: 1:1.2.13.dfsg-1
Description: compression library
 runtime: a folded line that looks like a field

Package: removed
Status: deinstall ok config-files
Architecture: amd64
Version: 1

Package: adduser
Status: install ok installed
Architecture: all
Version: 3.134
`;

function manifest(): Manifest {
  const spec = { os: 'debian12', kubernetes: '1.36.2', network: 'flannel', arch: 'amd64' };
  return makeManifest({
    plan: { id: `sha256:${HEX}`, spec, verdict: 'ok' } as unknown as Plan,
    lock: LOCK,
    engine: 'mkosi',
    tools: { mkosi: '25.3-7' },
    packages: parseDpkgStatus(STATUS),
    files: [{ path: '/', type: 'directory', mode: '0755', uid: 0, gid: 0 }],
    disk: { size: 512, sha256: HEX },
  });
}

const DEBIAN = { id: 'debian', codename: 'bookworm', release: '12' };

test('reads what dpkg calls installed', (t) => {
  t.deepEqual(parseDpkgStatus(STATUS), [
    { name: 'adduser', version: '3.134', architecture: 'all' },
    { name: 'zlib1g', version: '1:1.2.13.dfsg-1', architecture: 'amd64', source: 'zlib' },
  ]);
});

test('reads the table a machine writes', (t) => {
  t.deepEqual(parsePackageTable('b\t1:2-3\tnoarch\na\t1\tx86_64\n'), [
    { name: 'a', version: '1', architecture: 'x86_64' },
    { name: 'b', version: '1:2-3', architecture: 'noarch' },
  ]);
});

test('a manifest is JSON with one line for each package and file', (t) => {
  const text = formatManifest(manifest());
  t.deepEqual(JSON.parse(text), JSON.parse(JSON.stringify(manifest())));
  t.true(text.includes('\n    {"name":"adduser","version":"3.134","architecture":"all"},\n'));
  t.is(manifest().imageId, `sha256:${HEX}`);
});

test('the SBOM validates against the official CycloneDX 1.6 schema', async (t) => {
  const { Validation, Spec } = await import('@cyclonedx/cyclonedx-library');
  const validator = new Validation.JsonStrictValidator(Spec.Version.v1dot6);
  const text = await makeSbom({ manifest: manifest(), distribution: DEBIAN });
  t.is(await validator.validate(text), null);
  // The validator is at work: it refuses a document with one wrong word in it.
  t.not(await validator.validate(text.replace('"operating-system"', '"operating-sistem"')), null);
});

test('the SBOM names packages, artifacts and the base, the same each time', async (t) => {
  const text = await makeSbom({ manifest: manifest(), distribution: DEBIAN });
  t.is(await makeSbom({ manifest: manifest(), distribution: DEBIAN }), text);
  const bom = JSON.parse(text) as { serialNumber: string; components: { name: string; purl?: string }[] };
  t.regex(bom.serialNumber, /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/);
  t.deepEqual(bom.components.map(({ name }) => name).sort(), [
    'adduser',
    'https://cloud.debian.org/a.qcow2',
    'image/pause',
    'kubelet',
    'zlib1g',
  ]);
  const zlib = bom.components.find(({ name }) => name === 'zlib1g');
  t.is(zlib?.purl, 'pkg:deb/debian/zlib1g@1%3A1.2.13.dfsg-1?arch=amd64&distro=bookworm');
});
