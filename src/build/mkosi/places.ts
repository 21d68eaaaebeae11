/**
 * Where a bake's folders are seen inside the toolbox. What mkosi moves from one to the other at the end, the disk, is below
 * one mount: between two it would be copied.
 */
export const PLACES = {
  work: '/kiln/work',
  config: '/kiln/work/config',
  output: '/kiln/work/output',
  workspace: '/kiln/work/workspace',
  overlay: '/kiln/overlay',
  cache: '/kiln/cache',
  packages: '/kiln/packages',
} as const;
