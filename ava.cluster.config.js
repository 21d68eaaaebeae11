import slow from './ava.slow.config.js';

/** A cluster of emulated machines needs the whole machine: beside other work its servers' own time limits pass. */
export default { ...slow, files: ['dist/test/cluster/*.slow.test.js'], concurrency: 1 };
