import { compareText } from '../../../plan/canonical-json.js';
import type { TemplateRecord } from '../../../render/render-template.js';
import { count } from '../quantities.js';

/** What the page reads of a CycloneDX document. */
export interface Sbom {
  components?: readonly SbomComponent[];
}

export interface SbomComponent {
  name: string;
  version?: string;
  type: string;
  purl?: string;
  licenses?: readonly { license?: { id?: string; name?: string }; expression?: string }[];
}

/** Every part of the SBOM by name, with its licence where the document records any. */
export function partsView(sbom: Sbom): TemplateRecord {
  const parts = (sbom.components ?? [])
    .map(partView)
    .sort((left, right) => compareText(left.name, right.name));
  return {
    parts,
    count: count(parts.length, 'part'),
    hasLicences: parts.some(({ licence }) => licence !== ''),
  };
}

function partView({ name, version = '', type, purl, licenses = [] }: SbomComponent) {
  return {
    name,
    version,
    type: [type, ...(/^pkg:([a-z]+)\//.exec(purl ?? '')?.slice(1) ?? [])].join(', '),
    licence: licenses
      .map(({ license, expression }) => expression ?? license?.id ?? license?.name ?? '')
      .filter((text) => text !== '')
      .join(' AND '),
  };
}
