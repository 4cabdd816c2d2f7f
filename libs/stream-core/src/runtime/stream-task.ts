import type { TopicPartition, FetchedRecords } from '../kafka/types.ts';
import type { StateStore } from '../state/state-store.ts';
import type { StorePlan } from '../topology/topology-plan.ts';
import type { StreamTaskOptions } from './stream-task-options.ts';

/** A store's changelog partition. */
export interface ChangelogPartition extends TopicPartition {
  readonly store: StateStore;
  readonly plan: StorePlan;
}

/** How far one input has been processed. */
export interface CommittableOffset extends TopicPartition {
  /** Of the next record to read. */
  readonly offset: number;
  /** The input's partition time, for `initialize` after a move. */
  readonly metadata: string;
}

/**
 * One sub-topology on one partition: queues, nodes and stores. Synchronous throughout, and the same in the runtime and in the test driver, which own all I/O around it.
 *
 *     new StreamTask → restore(…)* → initialize(offsets) → { addRecords | process | punctuate | prepareCommit → markCommitted }* → close
 */
export declare class StreamTask {
  /** `<sub-topology>_<partition>`. */
  readonly id: string;
  readonly subtopology: number;
  readonly partition: number;
  /** Partitions it reads. */
  readonly inputs: readonly TopicPartition[];
  readonly stores: ReadonlyMap<string, StateStore>;
  /** What has to be restored before `initialize`; stores without logging are not in it. */
  readonly changelogs: readonly ChangelogPartition[];
  /** Records processed so far (skipped and dropped ones included). */
  readonly processedRecords: number;
  readonly punctuations: number;
  readonly deadLetters: number;
  /** Records left out, by reason; only grows. */
  readonly dropped: ReadonlyMap<string, number>;
  /** Sum of `dropped`. */
  readonly droppedRecords: number;
  /** What a record waits for before it can be read (an unknown schema, say): `process` does nothing until it has resolved. Undefined: nothing. */
  readonly pending: Promise<void> | undefined;
  /** A processor asked for a commit since the last one. */
  readonly commitRequested: boolean;
  /** Something was processed or punctuated since the last `markCommitted`. */
  readonly commitNeeded: boolean;
  constructor(options: StreamTaskOptions);
  /** Applies one changelog record to the store of that changelog. */
  restore(changelog: ChangelogPartition, key: Uint8Array, value: Uint8Array | null, timestamp: number): void;
  /** After the restore and before the first record: initialises processors; `committed` rebuilds the partition times. */
  initialize(committed?: readonly CommittableOffset[]): void;
  /** Queues what a fetch brought; the buffer is kept until it has been processed. Throws `RangeError` for a partition that is no input. */
  addRecords(records: FetchedRecords): void;
  /** Processes up to `maxRecords` records in timestamp order, stream-time punctuators after each; `shouldStop` is asked every 64 records. Gives the number processed. */
  process(maxRecords: number, shouldStop?: () => boolean): number;
  /** Runs due wall-clock punctuators once each; gives their number. */
  punctuate(): number;
  /** Earliest time at which `punctuate` has something to do; Infinity: never. */
  nextPunctuationMs(): number;
  /** Flushes stores and gives the offsets to commit, of every input that has a position. */
  prepareCommit(): readonly CommittableOffset[];
  markCommitted(): void;
  /** Offset of the next record to process of an input; undefined before the first fetch. */
  position(topic: string): number | undefined;
  /** Bytes of queued batches, of one input or of all: what pausing is decided by. */
  bufferedBytes(topic?: string): number;
  /** Closes processors, then stores. What is queued is forgotten. */
  close(): void;
}
