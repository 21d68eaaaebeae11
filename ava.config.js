export default {
  files: ['dist/test/**/*.test.js', '!dist/test/**/*.slow.test.js'],
  require: ['./dist/test/helpers/own-temporary-folder.js'],
  workerThreads: false,
  timeout: '60s',
};
