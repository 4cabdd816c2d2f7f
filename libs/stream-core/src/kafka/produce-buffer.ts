import { RecordBatchWriter, RecordCursor } from '@playhead/kafka-protocol';
import type { Headers } from '../processor/headers.ts';
import { AckMarks } from './ack-marks.ts';
import type { PartitionFollower } from './partition-follower.ts';
import { ProduceBatch } from './produce-batch.ts';
import { ProducePartition } from './produce-partition.ts';
import { readHeaders } from './read-headers.ts';
import type { OutputOrigin } from '../processor/record-collector.ts';
import type { SendFence } from './produce-partition.ts';

/** About what a record takes beside key, value and headers. */
const RECORD_OVERHEAD_BYTES = 24;
const MAX_POOLED_WRITERS = 32;

/** What a producer has been given and what is not settled, by partition. */
export class ProduceBuffer {
  readonly marks = new AckMarks();
  /** Those with something unsent. */
  readonly pending = new Set<ProducePartition>();
  /** Batches that begin at or after its mark are kept back. */
  readonly fence: SendFence = { mark: Number.POSITIVE_INFINITY };
  readonly #limits: { readonly maxBatchBytes: number; readonly maxBufferedBytes: number; readonly maxInFlight: number };
  /** By topic, then by partition number: one per partition that was ever written to. */
  readonly #topics = new Map<string, ProducePartition[]>();
  /** At most `MAX_POOLED_WRITERS`. */
  readonly #writers: RecordBatchWriter[] = [];
  #bytes = 0;

  constructor(limits: {
    readonly maxBatchBytes: number;
    readonly maxBufferedBytes: number;
    readonly maxInFlight: number;
  }) {
    this.#limits = limits;
  }

  /** Bytes appended and not settled. */
  get bytes(): number {
    return this.#bytes;
  }

  get isFull(): boolean {
    return this.#bytes >= this.#limits.maxBufferedBytes;
  }

  /** Copies the record into its partition's open batch and returns that; one that is full is open no longer. */
  append(
    topic: string,
    partition: number,
    timestamp: number,
    key: Uint8Array | null,
    value: Uint8Array | null,
    headers: Headers | undefined,
    origin: OutputOrigin | undefined,
  ): ProduceBatch {
    const target = this.#topics.get(topic)?.[partition] ?? this.#addPartition(topic, partition);
    const batch = this.#batchFor(target, (key?.length ?? 0) + (value?.length ?? 0) + headerBytes(headers));
    const { writer } = batch;
    const before = writer.count === 0 ? 0 : writer.sizeInBytes;
    writer.append(timestamp, key, value, headers);
    this.#bytes += writer.sizeInBytes - before;
    if (origin !== undefined) this.#bytes += noteOrigin(batch, origin);
    this.marks.count();
    target.follower?.appended();
    if (writer.sizeInBytes >= this.#limits.maxBatchBytes) target.closeFilling();
    return batch;
  }

  /** Follows a partition from here on: the log's end is `offset`. A follower before it hears nothing any more. */
  follow(topic: string, partition: number, follower: PartitionFollower): void {
    const target = this.#topics.get(topic)?.[partition] ?? this.#addPartition(topic, partition);
    target.closeFilling();
    target.follower = follower;
    target.followedFrom = this.marks.position;
  }

  /** A batch is settled: its memory is free. */
  release(batch: ProduceBatch): void {
    const { writer, originBytes } = batch;
    const { sizeInBytes } = writer;
    this.#bytes -= sizeInBytes + originBytes;
    batch.origins = undefined;
    batch.originBytes = 0;
    // An oversized record's memory is not kept.
    if (this.#writers.length >= MAX_POOLED_WRITERS || sizeInBytes > 2 * this.#limits.maxBatchBytes) return;
    writer.reset();
    this.#writers.push(writer);
  }

  /** Two batches with the halves of a batch of several records, which is done when they are; its own memory is free. */
  split(batch: ProduceBatch): readonly ProduceBatch[] {
    const { firstMark, createdAtMs, origins, writer } = batch;
    const middle = Math.ceil(writer.count / 2);
    const first = new ProduceBatch(this.#writers.pop() ?? new RecordBatchWriter(), firstMark, createdAtMs);
    const second = new ProduceBatch(this.#writers.pop() ?? new RecordBatchWriter(), firstMark + middle, createdAtMs);
    const cursor = new RecordCursor().reset(writer.seal());
    cursor.nextBatch();
    for (let index = 0; cursor.next(); index++) {
      const { bytes, timestamp, keyStart, keyEnd, valueStart, valueEnd } = cursor;
      const part = index < middle ? first : second;
      const key = keyStart < 0 ? null : bytes.subarray(keyStart, keyEnd);
      const value = valueStart < 0 ? null : bytes.subarray(valueStart, valueEnd);
      part.writer.append(timestamp, key, value, readHeaders(cursor));
      const origin = origins?.[index];
      if (origin !== undefined) this.#bytes += noteOrigin(part, origin);
    }
    this.#bytes += first.writer.sizeInBytes + second.writer.sizeInBytes;
    this.release(batch);
    batch.waitFor([first, second]);
    return [first, second];
  }

  /** Every open batch takes no more records. */
  closeFilling(): void {
    for (const partition of this.pending) partition.closeFilling();
  }

  /** Removes and returns everything that does not fly. */
  abandon(): ProduceBatch[] {
    return Array.from(this.#topics.values(), (partitions) =>
      // A topic's partitions that were never written to are holes.
      partitions.flatMap((partition: ProducePartition | undefined) => partition?.abandon() ?? []),
    ).flat();
  }

  /** Forgets the partitions and with them the sequences that were given out. */
  forgetPartitions(): void {
    this.#topics.clear();
    this.pending.clear();
  }

  #addPartition(topic: string, partition: number): ProducePartition {
    let partitions = this.#topics.get(topic);
    if (partitions === undefined) this.#topics.set(topic, (partitions = []));
    return (partitions[partition] = new ProducePartition(topic, partition, this.#limits.maxInFlight, this.fence));
  }

  #batchFor(target: ProducePartition, recordBytes: number): ProduceBatch {
    const { filling } = target;
    if (filling !== undefined) {
      if (filling.writer.sizeInBytes + recordBytes + RECORD_OVERHEAD_BYTES <= this.#limits.maxBatchBytes)
        return filling;
      target.closeFilling();
    }
    const writer = this.#writers.pop() ?? new RecordBatchWriter();
    const batch = new ProduceBatch(writer, this.marks.position, performance.now());
    this.marks.begin(batch);
    target.filling = batch;
    this.pending.add(target);
    return batch;
  }
}

/** For the record that was appended last. Gives the bytes that it adds to what the batch keeps in memory. */
function noteOrigin(batch: ProduceBatch, origin: OutputOrigin): number {
  const origins = (batch.origins ??= []);
  const index = batch.writer.count - 1;
  // What one source record gave rise to shares its bytes.
  const added = origins[index - 1] === origin ? 0 : origin.sizeInBytes;
  origins[index] = origin;
  batch.originBytes += added;
  return added;
}

function headerBytes(headers: Headers | undefined): number {
  if (headers === undefined) return 0;
  let bytes = 0;
  for (const { key, value } of headers) bytes += key.length * 3 + (value?.length ?? 0) + 4;
  return bytes;
}
