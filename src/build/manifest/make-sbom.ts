import type { Lock } from '../../lock/lock.js';
import type { LockedArtifact, Plan } from '../../plan/types.js';
import { SOURCE_DATE_EPOCH } from '../../render/write-overlay.js';
import type { Manifest } from './make-manifest.js';
import type { InstalledPackage } from './read-packages.js';

type Library = typeof import('@cyclonedx/cyclonedx-library');
type Component = import('@cyclonedx/cyclonedx-library').Models.Component;

const HASH_NAMES = { sha256: 'SHA-256', sha512: 'SHA-512' } as const;
/** Package URL types by how a distribution packages; https://github.com/package-url/purl-spec */
const PURL_TYPES: Record<string, string> = { debian: 'deb', ubuntu: 'deb' };

/**
 * The image's parts as a CycloneDX 1.6 document: distribution packages with their package URLs, artifacts with their
 * digests, the disk as what they make. Sorted; serial number and time follow from the contents, so equal images have
 * equal documents.
 */
export async function makeSbom({
  manifest,
  distribution,
}: {
  manifest: Manifest;
  /** The distribution's id and codename, as package URLs name them. */
  distribution: { id: string; codename?: string | undefined; release: string };
}): Promise<string> {
  const library = await import('@cyclonedx/cyclonedx-library');
  const { Models, Serialize, Spec } = library;
  const disk = diskComponent(library, manifest);
  const bom = new Models.Bom({
    serialNumber: serialNumber(manifest.treeDigest),
    metadata: new Models.Metadata({
      timestamp: new Date(SOURCE_DATE_EPOCH * 1000),
      component: disk,
      tools: new Models.Tools({ tools: toolRepository(library, manifest) }),
    }),
  });
  for (const part of [
    ...manifest.lock.artifacts.map((artifact) => artifactComponent(library, artifact)),
    ...manifest.packages.map((entry) => packageComponent(library, entry, distribution)),
    ...baseComponents(library, manifest.lock),
  ]) {
    bom.components.add(part);
    disk.dependencies.add(part.bomRef);
  }
  const serializer = new Serialize.JsonSerializer(new Serialize.JSON.Normalize.Factory(Spec.Spec1dot6));
  return `${serializer.serialize(bom, { sortLists: true, space: 2 })}\n`;
}

function diskComponent({ Models, Enums }: Library, { plan, engine, imageId, disk }: Manifest): Component {
  return new Models.Component(Enums.ComponentType.OperatingSystem, imageName(plan.spec, engine), {
    bomRef: 'image',
    version: imageId,
    hashes: new Models.HashDictionary([[Enums.HashAlgorithm['SHA-256'], disk.sha256]]),
  });
}

function imageName(spec: Plan['spec'], engine: string): string {
  return [spec.os, spec.kubernetes, spec.network, spec.arch, engine].join('-');
}

function toolRepository(
  { Models }: Library,
  { tools }: Manifest,
): InstanceType<Library['Models']['ToolRepository']> {
  return new Models.ToolRepository(
    Object.entries(tools).map(([name, version]) => new Models.Tool({ name, version })),
  );
}

function artifactComponent({ Models, Enums }: Library, artifact: LockedArtifact): Component {
  const { name, version, kind, url, digest } = artifact;
  const type = kind === 'oci' ? Enums.ComponentType.Container : Enums.ComponentType.Application;
  const [algorithm = '', hex = ''] = digest.split(':');
  const reference = new Models.ExternalReference(url, Enums.ExternalReferenceType.Distribution, {
    hashes: new Models.HashDictionary([
      [Enums.HashAlgorithm[HASH_NAMES[algorithm as keyof typeof HASH_NAMES]], hex],
    ]),
  });
  return new Models.Component(type, name, {
    bomRef: `artifact/${name}@${version}`,
    version,
    purl: `pkg:generic/${encodeURIComponent(name)}@${encodeURIComponent(version)}?checksum=${digest}`,
    externalReferences: new Models.ExternalReferenceRepository([reference]),
  });
}

function packageComponent(
  { Models, Enums }: Library,
  { name, version, architecture }: InstalledPackage,
  { id, codename, release }: { id: string; codename?: string | undefined; release: string },
): Component {
  const type = PURL_TYPES[id] ?? 'rpm';
  const encoded = [encodeURIComponent(name), encodeURIComponent(version)].join('@');
  const purl = `pkg:${type}/${id}/${encoded}?arch=${architecture}&distro=${codename ?? `${id}-${release}`}`;
  return new Models.Component(Enums.ComponentType.Library, name, {
    bomRef: `package/${name}@${version}/${architecture}`,
    version,
    purl,
  });
}

function baseComponents({ Models, Enums }: Library, { base }: Lock): Component[] {
  if (base === undefined) return [];
  if (base.kind === 'ami') {
    const name = `${base.name} (${base.id} in ${base.region})`;
    return [new Models.Component(Enums.ComponentType.OperatingSystem, name, { bomRef: 'base' })];
  }
  const [algorithm = '', hex = ''] = base.digest?.split(':') ?? [];
  const hash = HASH_NAMES[algorithm as keyof typeof HASH_NAMES];
  const hashes = hash === undefined ? [] : [[Enums.HashAlgorithm[hash], hex] as const];
  return [
    new Models.Component(Enums.ComponentType.OperatingSystem, base.url, {
      bomRef: 'base',
      hashes: new Models.HashDictionary(hashes),
    }),
  ];
}

/** A version 8 UUID drawn from a digest, in the form CycloneDX asks for. */
function serialNumber(digest: string): string {
  const hex = digest.replace(/^sha256:/, '');
  const parts = [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ];
  return `urn:uuid:${parts.join('-')}`;
}
