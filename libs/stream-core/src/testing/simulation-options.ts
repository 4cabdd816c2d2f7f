/** What the driver lets happen after a record. */
export interface DriverFault {
  /** After so many records, over all tasks; those that are processed again after a crash do not count. */
  readonly afterRecords: number;
  readonly kind: FaultKind;
  /** `<sub-topology>_<partition>`. Default: all tasks. */
  readonly task?: string | undefined;
  /** Of a crash: after caches and stores have been flushed for a commit, and before its offsets are written. Default false. */
  readonly duringCommit?: boolean | undefined;
  /** Of a zombie: it wakes up after so many more records, or else with the next `commit()`. Default 10. */
  readonly wakesAfterRecords?: number | undefined;
}

/**
 * - crash: the process is gone, and with it what was not committed.
 * - rebalance: commit, close, restore elsewhere.
 * - commit: nothing goes wrong.
 * - zombie: the process stands still, and others take its tasks over, as after a crash. When it wakes up it goes on with what it had fetched and commits; the brokers refuse that.
 * - lost-acknowledgement: the brokers have a commit, and the process does not learn it. With exactly_once it begins anew from what is committed, with at_least_once it commits again.
 */
export type FaultKind = 'crash' | 'rebalance' | 'commit' | 'zombie' | 'lost-acknowledgement';

/** Which tasks fail or move, and how. */
export type FaultScope = Pick<DriverFault, 'task' | 'duringCommit'>;

/** When the driver commits: a task after so many records of its own, or every task after so many milliseconds of the virtual wall clock. */
export type CommitInterval = { readonly records: number } | { readonly ms: number };

/** How the driver behaves where Kafka Streams' own driver has no choice. */
export interface SimulationOptions {
  /** Default: after every record. A processor's `requestCommit` commits its task after the record. */
  readonly commitInterval?: CommitInterval | undefined;
  /**
   * exactly_once: output, changelogs and offsets of a task become visible together at its commit, and what a crash finds uncommitted is gone. at_least_once (the default): output and changelogs
   * may be there before the offsets, and are written again after a crash.
   */
  readonly guarantee?: 'at_least_once' | 'exactly_once' | undefined;
  /** Chooses which task is next, when the brokers get what was sent, what of it survives a crash, and how far changelogs are compacted. Default: tasks in order, everything sent is there at once and survives. */
  readonly seed?: number | undefined;
  /** Default: none; `crash`, `rebalance` and `commit` of the driver do the same between two inputs. */
  readonly faults?: readonly DriverFault[] | undefined;
}

const GUARANTEES = ['at_least_once', 'exactly_once'];
const FAULTS: readonly FaultKind[] = ['crash', 'rebalance', 'commit', 'zombie', 'lost-acknowledgement'];

/** What of a simulation cannot be, one sentence each: which value, and what is allowed. */
export function simulationProblems({ commitInterval, guarantee, seed, faults = [] }: SimulationOptions): string[] {
  const problems: string[] = [];
  if (commitInterval !== undefined) problems.push(...intervalProblems(commitInterval));
  if (guarantee !== undefined && !GUARANTEES.includes(guarantee)) {
    problems.push(`guarantee is ${shown(guarantee)}; allowed: ${GUARANTEES.join(', ')}`);
  }
  if (seed !== undefined && !Number.isSafeInteger(seed)) {
    problems.push(`seed is ${shown(seed)}; allowed: whole numbers`);
  }
  for (const { afterRecords, kind, wakesAfterRecords = 1 } of faults) {
    if (!Number.isInteger(afterRecords) || afterRecords < 1) {
      problems.push(`a fault is to come after ${shown(afterRecords)} records; allowed: whole numbers from 1`);
    }
    if (!Number.isInteger(wakesAfterRecords) || wakesAfterRecords < 1) {
      problems.push(`a zombie is to wake up after ${shown(wakesAfterRecords)} records; allowed: whole numbers from 1`);
    }
    if (!FAULTS.includes(kind)) problems.push(`kind of a fault is ${shown(kind)}; allowed: ${FAULTS.join(', ')}`);
  }
  return problems;
}

/** A value that may be of any type, for a message. */
export function shown(value: unknown): string {
  return typeof value === 'string' ? `"${value}"` : String(value);
}

function intervalProblems(interval: CommitInterval): readonly string[] {
  const value: unknown = 'records' in interval ? interval.records : interval.ms;
  if (typeof value === 'number' && value >= 1) return [];
  return [`commitInterval is ${shown(value)}; allowed: from 1, Infinity for commits by hand`];
}
