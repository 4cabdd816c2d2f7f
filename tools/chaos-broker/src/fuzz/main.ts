import { commandLine, numberOption, optionsOrExit } from '@playhead/chaos-streams/testing';
import { fuzz } from './fuzz.ts';

/** More than this is no noise of a collector. */
const MEMORY_ALLOWANCE_BYTES = 16 * 1024 * 1024;

const HELP = `Malformed frames of every API in every version against the development broker, a well-behaved client beside them.

Usage: npm run fuzz:broker -- [options]

  --frames N    bad frames (200000)
  --seed N      decides frames (default: by the clock; printed)
  --help        this text

  answered             the broker could read the frame, and answered it
  connection closed    it could not, and hung up
  waiting              it waits for the rest of a frame whose length was changed
  reachable memory     in use after a forced collection, before and after the frames
Exit code 0: no crash, no wrong or missing record of the client beside them, memory grew by at most ${MEMORY_ALLOWANCE_BYTES / 1024 / 1024} MB; 1: not so; 2: an option is wrong.`;

const values = commandLine(HELP, {
  frames: { type: 'string', default: '200000' },
  seed: { type: 'string', default: String(Date.now() % 1_000_000) },
});
const frames = optionsOrExit(() => numberOption('--frames', values.frames, 1, 1_000_000_000));
const seed = optionsOrExit(() => numberOption('--seed', values.seed, 0, 2 ** 31));
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
