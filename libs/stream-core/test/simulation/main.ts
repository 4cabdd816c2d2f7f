/** `npm run simulate:streams -- --schedules 10000 --seed S` */
import { parseArgs } from 'node:util';
import type { FaultKind } from '@playhead/stream-core/testing';
import { ScheduleRunner } from './schedule.ts';

const HELP = `Runs random topologies through the multi-partition driver with crashes, zombies, rebalances and lost acknowledgements, in any order of tasks and deliveries.

Usage: npm run simulate:streams -- [options]

  --schedules N   how many (10000)
  --seed S        of the first one, the others follow (default: by the clock; printed). --schedules 1 --seed S repeats one
  --help          this text

Exit code 0: 0 violations; 1: there are some; 2: an option is wrong.
`;
const SHOWN_VIOLATIONS = 10;
const PROGRESS_MS = 10_000;

const values = optionsOrExit();
if (values.help) console.log(HELP);
else simulate(wholeNumber('schedules', values.schedules), wholeNumber('seed', values.seed));

function simulate(schedules: number, first: number): void {
  const runner = new ScheduleRunner();
  const kinds = new Map<FaultKind, number>();
  const sums = { records: 0, zombies: 0, refusedCommits: 0, violations: 0 };
  let reported = performance.now();
  for (let index = 0; index < schedules; index++) {
    const { seed, guarantee, faults, metrics, violation } = runner.run(first + index);
    for (const { kind } of faults) kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
    sums.records += metrics.processedRecords;
    sums.zombies += metrics.zombies;
    sums.refusedCommits += metrics.refusedCommits;
    if (violation !== undefined && ++sums.violations <= SHOWN_VIOLATIONS)
      console.log(`violation: seed ${seed} ${guarantee} ${JSON.stringify(faults)}\n  ${violation}`);
    if (performance.now() - reported < PROGRESS_MS) continue;
    reported = performance.now();
    console.log(`${index + 1} schedules, ${sums.violations} violations`);
  }
  const done = [...kinds].sort().map(([kind, count]) => `${kind} ${count}`);
  console.log(`faults ${done.join(' ')} | records ${sums.records}`);
  console.log(
    `seed ${first}: schedules ${schedules} violations ${sums.violations} zombies ${sums.zombies} refused-commits ${sums.refusedCommits}`,
  );
  process.exitCode = sums.violations === 0 ? 0 : 1;
}

function optionsOrExit() {
  try {
    return parseArgs({
      options: {
        schedules: { type: 'string', default: '10000' },
        seed: { type: 'string', default: String(Date.now() % 1_000_000_000) },
        help: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    return refuse(error instanceof Error ? error.message : String(error));
  }
}

function wholeNumber(name: string, given: string): number {
  const value = Number(given);
  if (given.trim() !== '' && Number.isInteger(value) && value >= 0 && value < 2 ** 31) return value;
  return refuse(`--${name} is "${given}"; allowed: whole numbers from 0 to ${2 ** 31 - 1}`);
}

function refuse(message: string): never {
  console.error(message);
  process.exit(2);
}
