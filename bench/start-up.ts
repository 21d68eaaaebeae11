import { repositoryPath } from '../src/repository.js';
import { compare, measure } from './measure.js';

/** Runs of each side; the median is quoted. */
const RUNS = 15;

const bake = repositoryPath('bin', 'bake');
const node = repositoryPath('node_modules', '.bin', 'node');

const BENCHES: readonly { title: string; bound: number; args: string[] }[] = [
  { title: 'bake --help', bound: 1.6, args: ['--help'] },
  { title: 'bake plan --os centos7 --json', bound: 5, args: ['plan', '--os', 'centos7', '--json'] },
];

/** Start-up against `node -e 0` in the same run; ratios, since absolute times say more of the machine than of kiln. */
for (const { title, bound, args } of BENCHES) {
  await measure(bake, args);
  const { baseline, subject, ratio } = await compare(
    RUNS,
    () => measure(node, ['-e', '0']),
    () => measure(bake, args),
  );
  const milliseconds = (seconds: number): string => `${(seconds * 1000).toFixed(0)} ms`;
  process.stdout.write(
    `${title}: ${ratio.toFixed(2)}x node -e 0 (${milliseconds(subject)} : ${milliseconds(baseline)}; at most ${bound}x)\n`,
  );
}
