import { parseArgs } from 'node:util';
import { fuzz } from './fuzz.ts';

/** More than this is no noise of a collector. */
const MEMORY_ALLOWANCE_BYTES = 16 * 1024 * 1024;

const { values } = parseArgs({
  options: {
    frames: { type: 'string', default: '200000' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
  },
});
const frames = Number(values.frames);
const seed = Number(values.seed);
const megabytes = (bytes: number): string => `${(bytes / 1024 / 1024).toFixed(1)} MB`;

console.log(`${frames} bad frames from seed ${seed}`);
try {
  const report = await fuzz({ frames, seed });
  const { answered, refused, waiting } = report.outcomes;
  const grownBytes = report.memoryAfterBytes - report.memoryBeforeBytes;
  console.log(
    `frames ${frames} of ${report.frameKinds} kinds: answered ${answered}, connection closed ${refused}, waiting ${waiting}`,
  );
  console.log(
    `beside them ${report.steadyRecords} records produced, read and checked, the longest wait ${report.steadyLongestMs.toFixed(0)} ms`,
  );
  console.log(
    `reachable memory ${megabytes(report.memoryBeforeBytes)} before, ${megabytes(report.memoryAfterBytes)} after`,
  );
  const leaked = grownBytes > MEMORY_ALLOWANCE_BYTES;
  const harmless = answered < frames / 20;
  if (leaked)
    console.log(`FAILED: memory grew by ${megabytes(grownBytes)}, allowed are ${megabytes(MEMORY_ALLOWANCE_BYTES)}`);
  if (harmless) console.log('FAILED: hardly any frame got past the decoder');
  console.log(leaked || harmless ? 'failed' : 'no crash, no leak, nobody harmed');
  process.exitCode = leaked || harmless ? 1 : 0;
} catch (error) {
  console.error(`FAILED with seed ${seed}:`, error);
  process.exitCode = 1;
}
