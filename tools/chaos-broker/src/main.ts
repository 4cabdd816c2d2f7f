import { commandLine, numberOption, optionsOrExit } from '@playhead/chaos-streams/testing';
import { chaos } from './chaos/chaos.ts';
import { FINDINGS } from './chaos/findings.ts';

/** In a whole run of 200 kills there are at least 20 compactions with reads before and after that agree, in a shorter one as many for its length. */
const KILLS_A_COMPACTION = 10;
const PROGRESS_EVERY = 20;

const HELP = `Kills the development broker under load, and compares what can be read with what was acknowledged.

Usage: npm run chaos:broker -- [options]

  --kills N    kill -9 of the broker (200)
  --seed N     decides loads and kills (default: by the clock; printed)
  --help       this text

  in-flight              kills that came within 5 ms after a write that was not acknowledged; at least half of them have to
  compactions            logs that were compacted
  lost                   acknowledged, or read by somebody, and not there
  duplicated             there twice
  out-of-order           before what was sent before it
  half-visible           a part of a transaction without the rest, or what was aborted
  offsets-back           a committed offset that is smaller than one whose commit was acknowledged
  changed-by-compaction  another latest value of a key after a compaction than before
Exit code 0: none of the last six, and enough kills in flight and compactions; 1: not so; 2: an option is wrong.`;

const values = commandLine(HELP, {
  kills: { type: 'string', default: '200' },
  seed: { type: 'string', default: String(Date.now() % 1_000_000) },
});
const kills = optionsOrExit(() => numberOption('--kills', values.kills, 0, 100_000));
const seed = optionsOrExit(() => numberOption('--seed', values.seed, 0, 2 ** 31));

console.log(`${kills} kills from seed ${seed}`);
try {
  const report = await chaos({
    kills,
    seed,
    progress: (count) => count % PROGRESS_EVERY === 0 && console.log(`killed ${count} times`),
  });
  for (const load of report.loads) console.log(load);
  for (const description of report.findings.descriptions) console.log(description);
  const counts = FINDINGS.map((finding) => `${finding} ${report.findings.count(finding)}`).join(' ');
  console.log(`kills ${report.kills} in-flight ${report.inFlight} compactions ${report.compactions} ${counts}`);
  const enough =
    report.comparisons >= Math.floor(kills / KILLS_A_COMPACTION) && report.inFlight >= Math.floor(kills / 2);
  if (!enough)
    console.log(
      'FAILED: too few reads before and after a compaction, or too few kills within 5 ms of an unacknowledged write',
    );
  process.exitCode = report.findings.isEmpty && enough ? 0 : 1;
} catch (error) {
  console.error(`FAILED with seed ${seed}:`, error);
  process.exitCode = 1;
}
