import { CorruptBatchError, RecordCursor } from '@playhead/kafka-protocol';
import type { FetchedRecords, PartitionStart, TopicPartition } from './types.ts';

/** What one partition's part of a fetch answer says. */
export interface FetchedPart {
  readonly highWatermark: number;
  readonly lastStableOffset: number;
  readonly logStartOffset: number;
  readonly abortedTransactions: FetchedRecords['abortedTransactions'] | null;
  readonly records: Buffer | null;
}

/**
 * One partition that is being read. A removal or a seek makes the object stale and a later `add` makes a new one, so an
 * answer that is still on its way finds `gone` and is dropped.
 */
export class FetchPartition implements TopicPartition {
  readonly topic: string;
  readonly partition: number;
  /** What the next fetch asks for. */
  fetchOffset: number;
  gone = false;
  paused = false;
  /** Part of a request whose answer has not come. */
  inFlight = false;
  /** Failures in a row, of whatever kind; 0 after each good answer. */
  failures = 0;
  /** It was said that this partition cannot be read. */
  isReported = false;
  bufferedBytes = 0;
  highWatermark = -1;
  lastStableOffset = -1;
  /** Bounded by `maxBufferedPartitionBytes` plus one answer. */
  readonly #arrived: FetchedRecords[] = [];

  constructor({ topic, partition, offset }: PartitionStart) {
    this.topic = topic;
    this.partition = partition;
    this.fetchOffset = offset;
  }

  /** The offset of the next record that `take` returns. */
  get position(): number {
    return this.#arrived[0]?.offset ?? this.fetchOffset;
  }

  get hasArrived(): boolean {
    return this.#arrived.length > 0;
  }

  /** Keeps the whole batches of an answer, whose checksums it compares. Returns how many bytes they are. Throws `CorruptBatchError`. */
  accept(part: FetchedPart): number {
    this.failures = 0;
    this.highWatermark = part.highWatermark;
    this.lastStableOffset = part.lastStableOffset;
    if (part.records === null || part.records.length === 0) return 0;
    const { bytes, nextOffset } = wholeBatches(this, part.records);
    if (bytes === 0) return 0;
    this.#arrived.push({
      topic: this.topic,
      partition: this.partition,
      offset: this.fetchOffset,
      nextOffset: Math.max(nextOffset, this.fetchOffset),
      records: bytes === part.records.length ? part.records : part.records.subarray(0, bytes),
      highWatermark: part.highWatermark,
      lastStableOffset: part.lastStableOffset,
      logStartOffset: part.logStartOffset,
      abortedTransactions: part.abortedTransactions ?? [],
    });
    this.fetchOffset = Math.max(nextOffset, this.fetchOffset);
    this.bufferedBytes += bytes;
    return bytes;
  }

  take(): FetchedRecords | undefined {
    const records = this.#arrived.shift();
    if (records !== undefined) this.bufferedBytes -= records.records.length;
    return records;
  }
}

const NOTHING = Buffer.alloc(0);
const cursor = new RecordCursor();

/** How many bytes of `records` are whole batches, and the offset after them. No record is looked at. */
function wholeBatches(place: TopicPartition, records: Buffer): { bytes: number; nextOffset: number } {
  let nextOffset = -1;
  cursor.reset(records);
  while (cursor.nextBatch()) {
    const { lastOffset } = cursor;
    if (lastOffset < nextOffset) {
      throw corrupt(place, `batch ends at offset ${lastOffset}, the one before at ${nextOffset - 1}`);
    }
    if (!cursor.crcValid()) throw corrupt(place, `checksum of the batch at offset ${cursor.baseOffset} is wrong`);
    nextOffset = lastOffset + 1;
  }
  const bytes = cursor.batchEnd;
  cursor.reset(NOTHING);
  return { bytes, nextOffset };
}

const corrupt = ({ topic, partition }: TopicPartition, what: string): CorruptBatchError =>
  new CorruptBatchError(`${topic}-${partition}: ${what}`, cursor.baseOffset);
