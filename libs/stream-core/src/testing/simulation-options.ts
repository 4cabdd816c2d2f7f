import { StreamsError } from '../errors.ts';

/** What the driver lets happen after a record. */
export interface DriverFault {
  /** After so many records, over all tasks; those that are processed again after a crash do not count. */
  readonly afterRecords: number;
  readonly kind: 'crash' | 'rebalance' | 'commit';
  /** `<sub-topology>_<partition>`. Default: all tasks. */
  readonly task?: string | undefined;
  /** Of a crash: after caches and stores have been flushed for a commit, and before its offsets are written. Default false. */
  readonly duringCommit?: boolean | undefined;
}

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

/** Throws `StreamsError` (STREAMS_CONFIG) for a number that is not allowed. */
export function checkSimulation({ commitInterval, seed, faults = [] }: SimulationOptions): void {
  if (commitInterval !== undefined) {
    const value = 'records' in commitInterval ? commitInterval.records : commitInterval.ms;
    if (!(value >= 1)) refuse(`commitInterval is ${value}; allowed: from 1, Infinity for commits by hand`);
  }
  if (seed !== undefined && !Number.isSafeInteger(seed)) refuse(`seed is ${seed}; allowed: whole numbers`);
  for (const { afterRecords } of faults) {
    if (!Number.isInteger(afterRecords) || afterRecords < 1) {
      refuse(`a fault is to come after ${afterRecords} records; allowed: whole numbers from 1`);
    }
  }
}

function refuse(message: string): never {
  throw new StreamsError('STREAMS_CONFIG', message);
}
