/**
 * What the longest files are, by their path below dist/test, longest first; the first bakes the images the others boot. Two files
 * run at once: an emulated machine keeps little more than one processor busy.
 */
const FIRST = ['build/bake-image', 'build/packer/bake-ami', 'test-image/test-image', 'update/weekly'];

export default {
  files: ['dist/test/**/*.slow.test.js', '!dist/test/cluster/**'],
  require: ['./dist/test/helpers/own-temporary-folder.js'],
  workerThreads: false,
  concurrency: 2,
  sortTestFiles: (left, right) => position(left) - position(right) || left.localeCompare(right),
  timeout: '60m',
};

function position(file) {
  const found = FIRST.findIndex((name) => file.endsWith(`/dist/test/${name}.slow.test.js`));
  return found === -1 ? FIRST.length : found;
}
