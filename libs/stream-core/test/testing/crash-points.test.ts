/**
 * Random topologies with a crash or a rebalance after each record, against the same run without one. Why these are the properties that hold: docs/decisions/0004. Repeat a run with
 * DRIVER_SEED=<seed printed>.
 */
import { afterAll, describe, expect, test } from '@jest/globals';
import type { DriverFault, TopologyTestDriver } from '@playhead/stream-core/testing';
import type { Case } from './random-case.ts';
import { makeCase, runCase } from './random-case.ts';
import { endsInTable } from './random-steps.ts';
import { buildTopology } from './random-topology.ts';
import { crashesAfter, hopsOf, outputsOf, tablesOf, topicsOf } from './simulated-run.ts';

const SEED = Number(process.env['DRIVER_SEED'] ?? Date.now() & 0x7fffffff);

const ran = {
  topologies: 0,
  tasks: [] as number[],
  hops: [] as number[],
  points: [] as number[],
  kinds: new Set<string>(),
};

/** Runs a case with each fault, and compares what `look` sees with what it sees without. */
function compare(
  made: Case,
  runs: readonly { readonly faults: readonly DriverFault[]; readonly without?: DriverFault }[],
  look: (driver: TopologyTestDriver) => unknown,
  check: (seen: unknown, wanted: unknown) => void = (seen, wanted) => expect(seen).toEqual(wanted),
): void {
  const { seed, shape, steps, options } = made;
  const wanted = look(runCase(made));
  for (const { faults, without } of runs) {
    const place = `DRIVER_SEED=${SEED}, case ${seed}, ${JSON.stringify({ faults, options, shape, steps })}`;
    try {
      const expected = without === undefined ? wanted : look(runCase(made, [without]));
      const seen = look(runCase(made, faults));
      if (JSON.stringify(seen) !== JSON.stringify(expected)) check(seen, expected);
    } catch (error) {
      throw new Error(`${place}\n${error instanceof Error ? error.message : String(error)}`, { cause: error });
    }
  }
}

/** Takes down what a case consists of; gives the number of its records. */
function count(made: Case): { records: number; taskIds: readonly string[] } {
  const driver = runCase(made);
  const records = driver.metrics.processedRecords;
  ran.topologies++;
  ran.tasks.push(driver.taskIds.length);
  ran.hops.push(hopsOf(driver));
  ran.points.push(records);
  for (const { kind, window } of made.steps) ran.kinds.add(window === undefined ? kind : `${kind}/${window}`);
  return { records, taskIds: driver.taskIds };
}

const everyRecord = (records: number): number[] => Array.from({ length: records }, (_, index) => index + 1);
const casesFrom = (first: number, n: number): number[] => Array.from({ length: n }, (_, index) => SEED + first + index);

describe('exactly_once, any topology', () => {
  test.each(casesFrom(0, 5))(
    'a crash after any record leaves every topic and every table as without it (case %i)',
    (seed) => {
      const made = makeCase(seed, 'digest', 'exactly_once');
      const { records, taskIds } = count(made);
      const runs = everyRecord(records).map((at) => ({ faults: crashesAfter(at, taskIds, made.random) }));
      compare(made, runs, (driver) => [topicsOf(driver), tablesOf(driver)]);
    },
  );

  test.each(casesFrom(100, 1))(
    'a rebalance after any record leaves everything as a mere commit there does (case %i)',
    (seed) => {
      const made = makeCase(seed, 'digest', 'exactly_once');
      const { records, taskIds } = count(made);
      const runs = everyRecord(records).map((afterRecords) => {
        const task = made.random.below(2) === 0 ? undefined : made.random.pick(taskIds);
        return {
          faults: [{ afterRecords, kind: 'rebalance', task }],
          without: { afterRecords, kind: 'commit', task },
        } as const;
      });
      compare(made, runs, (driver) => [topicsOf(driver), tablesOf(driver)]);
    },
  );
});

describe('exactly_once without a seed, where a crash changes the order of things', () => {
  test.each(casesFrom(400, 1))(
    'a crash after any record leaves the same tables where order does not matter (case %i)',
    (seed) => {
      const seeded = makeCase(seed, 'union', 'exactly_once');
      const made = { ...seeded, options: { ...seeded.options, seed: undefined } };
      const { records, taskIds } = count(made);
      const runs = everyRecord(records).map((at) => ({ faults: crashesAfter(at, taskIds, made.random) }));
      compare(made, runs, (driver) => [tablesOf(driver, false), outputsOf(driver).joined]);
    },
  );
});

describe('at_least_once', () => {
  test.each(casesFrom(200, 2))(
    'where repeats and order do not matter, a crash after any record leaves the same tables (case %i)',
    (seed) => {
      const made = makeCase(seed, 'union', 'at_least_once');
      const { records, taskIds } = count(made);
      const runs = everyRecord(records).map((at) => ({ faults: crashesAfter(at, taskIds, made.random) }));
      compare(made, runs, (driver) => {
        const { last, joined } = outputsOf(driver);
        return [tablesOf(driver, false), joined, endsInTable(made.steps) ? last : {}];
      });
    },
  );

  test.each(casesFrom(300, 1))('a crash after any record makes no count smaller (case %i)', (seed) => {
    const made = makeCase(seed, 'count', 'at_least_once');
    const { records, taskIds } = count(made);
    const runs = everyRecord(records).map((at) => ({ faults: crashesAfter(at, taskIds, made.random) }));
    const look = (driver: TopologyTestDriver) => tablesOf(driver, false);
    compare(made, runs, look, (seen, wanted) => {
      const least = wanted as Record<string, Record<string, string>>;
      for (const [store, rows] of Object.entries(least)) {
        for (const [key, wantedCount] of Object.entries(rows)) {
          const row = `${store} ${key}`;
          const counted = Number((seen as typeof least)[store]?.[key] ?? 0);
          expect({ row, counted: Math.max(counted, Number(wantedCount)) }).toEqual({ row, counted });
        }
      }
    });
  });
});

test('a store without a changelog is found out', () => {
  const steps = [{ kind: 'aggregate', window: 'none', rekeys: true }];
  const made = makeCase(SEED, 'digest', 'exactly_once');
  const broken = { ...made, steps, topology: buildTopology(steps, 'digest', { logging: false }) };
  const { metrics } = runCase(broken);
  const runs = everyRecord(metrics.processedRecords).map((at) => ({
    faults: [{ afterRecords: at, kind: 'crash' } as const],
  }));
  expect(() => compare(broken, runs, topicsOf)).toThrow(/DRIVER_SEED/);
});

afterAll(() => {
  const range = (numbers: readonly number[]): string => `${Math.min(...numbers)}-${Math.max(...numbers)}`;
  const sum = ran.points.reduce((a, b) => a + b, 0);
  process.stderr.write(
    `crash points: seed ${SEED}, ${ran.topologies} topologies, each with ${range(ran.tasks)} tasks, ${range(ran.hops)} repartition hops, ${range(ran.points)} crash points (${sum} in all), of ${[...ran.kinds].sort().join(' ')} (DRIVER_SEED=${SEED} repeats it)\n`,
  );
  expect(Math.min(...ran.tasks)).toBeGreaterThanOrEqual(2);
  expect(Math.min(...ran.hops)).toBeGreaterThanOrEqual(1);
  expect(Math.min(...ran.points)).toBeGreaterThanOrEqual(100);
});
