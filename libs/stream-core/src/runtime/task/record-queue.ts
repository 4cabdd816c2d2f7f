import { RecordCursor } from '@playhead/kafka-protocol';
import { SerdeError } from '../../errors.ts';
import { AbortFilter } from '../../kafka/abort-filter.ts';
import { readHeaders } from '../../kafka/read-headers.ts';
import { Fifo } from '../../internal/fifo.ts';
import type { FetchedRecords, TopicPartition } from '../../kafka/types.ts';
import type { Headers } from '../../processor/headers.ts';
import { NO_HEADERS } from '../../processor/headers.ts';
import type { SourceNode } from '../../processor/source-node.ts';
import { decodePart } from '../../processor/source-node.ts';
import type { TimestampExtractor } from '../../processor/timestamp-extractor.ts';
import type { Codec } from '../../serde/serde.ts';
import { PendingCodecError } from '../../serde/serde.ts';

/** What a queue feeds and how it reads. */
export interface RecordQueueOptions extends TopicPartition {
  readonly source: SourceNode;
  readonly key: Codec<unknown>;
  readonly value: Codec<unknown>;
  readonly timestampExtractor: TimestampExtractor<unknown, unknown> | undefined;
  readonly onNegativeTimestamp: () => void;
}

/**
 * The fetched batches of one input partition, walked in place: at any time the cursor stands on the head record, of which only the timestamp is known until it is taken.
 * How much may be queued is the runtime's decision, by `bufferedBytes`.
 */
export class RecordQueue implements TopicPartition {
  readonly topic: string;
  readonly partition: number;
  readonly source: SourceNode;
  readonly cursor = new RecordCursor();
  /** Greatest timestamp processed; -1 before the first. */
  partitionTimeMs = -1;
  /** Offset of the next record to process; -1 before the first fetch. */
  position = -1;
  /** `position` and `partitionTimeMs` as of the last `rememberPosition`. */
  rememberedPosition = -1;
  rememberedTimeMs = -1;
  bufferedBytes = 0;
  hasHead = false;
  /** What the head record is processed with; of a record that cannot be read, its own. */
  headTimestamp = -1;
  readonly #key: Codec<unknown>;
  readonly #value: Codec<unknown>;
  readonly #extractor: TimestampExtractor<unknown, unknown> | undefined;
  readonly #onNegativeTimestamp: () => void;
  readonly #aborted = new AbortFilter();
  readonly #fetches = new Fifo<FetchedRecords>();
  #current: FetchedRecords | undefined;
  #inBatch = false;
  #headers: Headers | undefined;

  constructor(options: RecordQueueOptions) {
    this.topic = options.topic;
    this.partition = options.partition;
    this.source = options.source;
    this.#key = options.key;
    this.#value = options.value;
    this.#extractor = options.timestampExtractor;
    this.#onNegativeTimestamp = options.onNegativeTimestamp;
  }

  add(fetched: FetchedRecords): void {
    this.#fetches.push(fetched);
    this.bufferedBytes += fetched.records.length;
    if (this.position < 0) this.position = fetched.offset;
  }

  rememberPosition(): void {
    this.rememberedPosition = this.position;
    this.rememberedTimeMs = this.partitionTimeMs;
  }

  /** Moves the head to the next record that is to be processed; false when none is queued. Throws `PendingCodecError` when an extractor has to see a value that cannot be read yet: call again then. */
  advance(): boolean {
    this.#headers = undefined;
    while (this.hasHead || this.#nextRecord()) {
      this.hasHead = true; // Stays so while an extractor waits, so that a second call looks at the same record.
      this.headTimestamp = this.#extractor === undefined ? this.cursor.timestamp : this.#extract(this.#extractor);
      if (this.headTimestamp >= 0 || this.#extractor === undefined) return true;
      this.#onNegativeTimestamp();
      this.release();
    }
    return false;
  }

  /** Says that the head was processed (or dropped); `advance` finds the next one. */
  release(): void {
    this.position = this.cursor.offset + 1;
    this.hasHead = false;
  }

  /** Throws what the codec throws, and `SerdeError` for a negative timestamp. */
  readKey(): unknown {
    const { cursor } = this;
    if (this.headTimestamp < 0)
      throw new SerdeError(`timestamp ${cursor.timestamp} is negative; give the source a timestampExtractor`);
    return decodePart(this.#key, cursor.bytes, cursor.keyStart, cursor.keyEnd);
  }

  readValue(): unknown {
    const { cursor } = this;
    return decodePart(this.#value, cursor.bytes, cursor.valueStart, cursor.valueEnd);
  }

  /** Views of the head's bytes, valid while it is the head. */
  get rawKey(): Buffer | null {
    const { bytes, keyStart, keyEnd } = this.cursor;
    return keyStart < 0 ? null : bytes.subarray(keyStart, keyEnd);
  }

  get rawValue(): Buffer | null {
    const { bytes, valueStart, valueEnd } = this.cursor;
    return valueStart < 0 ? null : bytes.subarray(valueStart, valueEnd);
  }

  /** The head's headers, copied out of the batch. */
  get headers(): Headers {
    if (this.cursor.headerCount === 0) return NO_HEADERS;
    return (this.#headers ??= readHeaders(this.cursor));
  }

  clear(): void {
    this.#fetches.clear();
    this.#current = undefined;
    this.#inBatch = false;
    this.hasHead = false;
    this.bufferedBytes = 0;
  }

  #nextRecord(): boolean {
    const { cursor } = this;
    for (;;) {
      while (this.#inBatch && cursor.next()) if (cursor.offset >= this.position) return true;
      this.#inBatch = false;
      if (this.#current !== undefined && cursor.nextBatch()) {
        this.#inBatch = !this.#aborted.skips(cursor) && cursor.lastOffset >= this.position;
      } else if (!this.#nextFetch()) {
        return false;
      }
    }
  }

  #nextFetch(): boolean {
    if (this.#current !== undefined) {
      this.bufferedBytes -= this.#current.records.length;
      // Past what holds no record for us: markers, aborted data, offsets that compaction removed.
      this.position = Math.max(this.position, this.#current.nextOffset);
    }
    this.#current = this.#fetches.shift();
    if (this.#current === undefined) return false;
    this.#aborted.reset(this.#current);
    this.cursor.reset(this.#current.records);
    return true;
  }

  #extract(extractor: TimestampExtractor<unknown, unknown>): number {
    const { topic, partition, cursor } = this;
    const { timestamp, offset } = cursor;
    try {
      const key = decodePart(this.#key, cursor.bytes, cursor.keyStart, cursor.keyEnd);
      return extractor({ key, value: this.readValue(), timestamp, topic, partition, offset }, this.partitionTimeMs);
    } catch (error) {
      if (error instanceof PendingCodecError) throw error;
      if (error instanceof SerdeError) return Math.max(timestamp, 0); // Reported when the record is taken.
      throw error;
    }
  }
}
