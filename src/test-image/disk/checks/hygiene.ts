import type { DiskCheck, OpenDisk } from '../disk-context.js';

/** Nothing on the disk identifies a machine or opens a door: the list in catalog/hygiene.yaml, by path and content. */
export const hygiene: DiskCheck<OpenDisk> = {
  name: 'hygiene',
  title: 'Nothing identifies a machine or opens a door',
  async run({ tree, violations }) {
    const problems = violations.map(({ path, rule, detail }) => ({
      subject: path,
      message: `must not be in an image: ${detail} [${rule}]`,
      hint: 'Bake again; what an image may hold is in catalog/hygiene.yaml.',
    }));
    return { examined: tree.entries.length, problems };
  },
};
