export default {
  files: ['dist/test/**/*.slow.test.js'],
  workerThreads: false,
  serial: true,
  concurrency: 1,
  timeout: '60m',
};
