/** Where a bake's folders are seen inside the toolbox. */
export const PLACES = {
  config: '/kiln/config',
  overlay: '/kiln/overlay',
  cache: '/kiln/cache',
  packages: '/kiln/packages',
  workspace: '/kiln/workspace',
  output: '/kiln/output',
} as const;
