import { parseArgs } from 'node:util';
import { chaos } from './chaos/chaos.ts';
import { FINDINGS } from './chaos/findings.ts';

/** In a whole run of 200 kills there are at least 20 compactions with reads before and after that agree, in a shorter one as many for its length. */
const KILLS_A_COMPACTION = 10;
const PROGRESS_EVERY = 20;

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '200' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
  },
});
const kills = Number(values.kills);
const seed = Number(values.seed);

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
