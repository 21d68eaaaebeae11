export default {
  files: ['dist/test/**/*.test.js', '!dist/test/**/*.slow.test.js'],
  workerThreads: false,
  timeout: '60s',
};
