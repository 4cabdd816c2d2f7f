/**
 * Schedules: what happens to a random topology between its records, all from one seed. Ten schedules share a topology and its inputs. What must hold for which topology: docs/decisions/0004.
 *
 *     seed ─▶ case (seed / 10) ─▶ run with the schedule ─┐
 *                             └─▶ run without it ────────┴▶ the same?
 */
import type { DriverFault, DriverMetrics, FaultKind, TopologyTestDriver } from '@playhead/stream-core/testing';
import { SeededRandom } from '../../src/testing/seeded-random.ts';
import type { Case } from '../testing/random-case.ts';
import { makeCase, runCase } from '../testing/random-case.ts';
import { endsInTable } from '../testing/random-steps.ts';
import type { ValueKind } from '../testing/random-steps.ts';
import { outputsOf, tablesOf, topicsOf } from '../testing/simulated-run.ts';

/** Schedules that share a topology and its inputs. */
export const SCHEDULES_PER_CASE = 10;
const MAX_FAULTS = 6;
const MAX_SLEEP_RECORDS = 40;

/** A kind is drawn as often as it stands here. */
const KINDS: readonly FaultKind[] = [
  'crash',
  'zombie',
  'crash',
  'zombie',
  'crash',
  'zombie',
  'rebalance',
  'lost-acknowledgement',
  'lost-acknowledgement',
];
/** What topologies are made of, in turn, and so what must be the same. */
const CASES: readonly (readonly [ValueKind, 'exactly_once' | 'at_least_once'])[] = [
  ...Array.from({ length: 7 }, () => ['digest', 'exactly_once'] as const),
  ['union', 'at_least_once'],
  ['union', 'at_least_once'],
  ['count', 'at_least_once'],
];

/** What came of a schedule. */
export interface ScheduleResult {
  readonly seed: number;
  readonly guarantee: 'exactly_once' | 'at_least_once';
  readonly faults: readonly DriverFault[];
  readonly metrics: DriverMetrics;
  /** What is not as it would be without the schedule; undefined: nothing. */
  readonly violation: string | undefined;
}

/** Remembers the last case, which the next schedules share. */
export class ScheduleRunner {
  #made: { readonly seed: number; readonly case: Case; readonly driver: TopologyTestDriver } | undefined;

  /** Runs one schedule. An error of the driver is a violation. */
  run(seed: number): ScheduleResult {
    const caseSeed = Math.floor(seed / SCHEDULES_PER_CASE);
    const [values, guarantee] = CASES[caseSeed % CASES.length] as (typeof CASES)[number];
    if (this.#made?.seed !== caseSeed) {
      const made = makeCase(caseSeed, values, guarantee);
      this.#made = { seed: caseSeed, case: made, driver: runCase(made) };
    }
    const { case: made, driver } = this.#made;
    const faults = randomFaults(new SeededRandom(seed), driver);
    const { options, ...rest } = { seed, guarantee, faults, options: made.options };
    try {
      const seen = runCase(made, faults);
      const { metrics } = seen;
      return { ...rest, metrics, violation: compare(made, values, seen, faults) };
    } catch (error) {
      const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
      return { ...rest, metrics: driver.metrics, violation: `${text} ${JSON.stringify(options)}` };
    }
  }
}

function randomFaults(random: SeededRandom, { metrics, taskIds }: TopologyTestDriver): readonly DriverFault[] {
  return Array.from({ length: 1 + random.below(MAX_FAULTS) }, () => {
    const kind = random.pick(KINDS);
    return {
      afterRecords: 1 + random.below(metrics.processedRecords),
      kind,
      task: random.below(3) === 0 ? undefined : random.pick(taskIds),
      duringCommit: random.below(3) === 0,
      wakesAfterRecords: 1 + random.below(MAX_SLEEP_RECORDS),
    };
  });
}

/** Commits that a fault makes are no fault: when a task commits decides what its caches send. */
const commitsOf = (faults: readonly DriverFault[]): readonly DriverFault[] =>
  faults.flatMap((fault) =>
    fault.kind === 'rebalance' || fault.kind === 'lost-acknowledgement' ? [{ ...fault, kind: 'commit' }] : [],
  );

function compare(
  made: Case,
  values: ValueKind,
  seen: TopologyTestDriver,
  faults: readonly DriverFault[],
): string | undefined {
  if (values === 'digest') {
    const wanted = runCase(made, commitsOf(faults));
    return difference([topicsOf(wanted), tablesOf(wanted)], [topicsOf(seen), tablesOf(seen)]);
  }
  const wanted = runCase(made);
  if (values === 'count') return losses(tablesOf(wanted, false), tablesOf(seen, false));
  const look = (driver: TopologyTestDriver): unknown => {
    const { last, joined } = outputsOf(driver);
    return [tablesOf(driver, false), joined, endsInTable(made.steps) ? last : {}];
  };
  return difference(look(wanted), look(seen));
}

type Tables = Readonly<Record<string, Readonly<Record<string, string>>>>;

function losses(wanted: Tables, seen: Tables): string | undefined {
  for (const [store, rows] of Object.entries(wanted)) {
    for (const [key, count] of Object.entries(rows)) {
      const found = Number(seen[store]?.[key] ?? 0);
      if (found < Number(count)) return `${store} ${key}: ${found} of ${count}`;
    }
  }
  return undefined;
}

/** The first place where two plain values differ. */
function difference(wanted: unknown, seen: unknown, place = ''): string | undefined {
  if (JSON.stringify(wanted) === JSON.stringify(seen)) return undefined;
  if (isObject(wanted) && isObject(seen)) {
    for (const name of new Set([...Object.keys(wanted), ...Object.keys(seen)])) {
      const found = difference(wanted[name], seen[name], `${place}/${name}`);
      if (found !== undefined) return found;
    }
  }
  return `${place}: ${JSON.stringify(seen)} instead of ${JSON.stringify(wanted)}`;
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
