import type { StateStore } from '../state/state-store.ts';
import type { RecordMetadata, StreamRecord } from './stream-record.ts';

/**
 * What drives a punctuator. STREAM_TIME: the greatest timestamp the task has taken, aligned to 0, first with the first record. WALL_CLOCK_TIME: the
 * system's clock, first after one interval. Missed intervals collapse into one call; a clock that is set back delays none.
 */
export type PunctuationType = 'STREAM_TIME' | 'WALL_CLOCK_TIME';

/** Called with the current time of its kind (not the scheduled one), in milliseconds. */
export type Punctuator = (timestamp: number) => void;

/** What `schedule` gives. */
export interface Cancellable {
  cancel(): void;
}

/** What a processor knows of its task. Valid from `init` to `close`; `forward` only inside `process` and punctuators. */
export interface ProcessorContext<K, V> {
  readonly applicationId: string;
  /** `<sub-topology>_<partition>`. */
  readonly taskId: string;
  readonly partition: number;
  /** Where the present record came from; undefined inside a punctuator. */
  readonly recordMetadata: RecordMetadata | undefined;
  /** Passes a record to every child in the order they were attached, or to the child of that name; returns when all have processed it. Throws `TopologyError` for an unknown child. */
  forward(record: StreamRecord<K, V>, childName?: string): void;
  /** Calls back at most every `intervalMs` (1 or more). */
  schedule(intervalMs: number, type: PunctuationType, punctuator: Punctuator): Cancellable;
  /** A store that this processor is connected to. Throws `TopologyError` for any other. */
  getStateStore<S extends StateStore>(name: string): S;
  /** Asks for a commit soon; does not wait for it. */
  requestCommit(): void;
  /** Greatest timestamp the task has taken for processing; -1 before the first record. */
  currentStreamTimeMs(): number;
  /** The task's wall clock (virtual in the test driver). */
  currentSystemTimeMs(): number;
}

/** A processor's context whose `forward` takes only records with the key that came in. */
export interface FixedKeyProcessorContext<K, V> extends ProcessorContext<K, V> {
  /** Throws `StreamsError` (STREAMS_PROCESSOR) when the key is another one. */
  forward(record: StreamRecord<K, V>, childName?: string): void;
}
