import { RecordBatchWriter } from '@playhead/kafka-protocol';
import type { FetchedRecords, Logger, PartitionStart, TopicPartition } from '../../src/kafka/types.ts';
import { NO_STORAGE } from '../../src/runtime/storage/memory-backend.ts';
import { TaskDurability } from '../../src/runtime/storage/task-durability.ts';
import { RecordTimes } from '../../src/runtime/task/record-times.ts';
import type { StreamTask } from '../../src/runtime/stream-task.ts';

export const silent: Logger = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/** A stream task whose records are numbers: `queued` of them wait, each processed one moves the position. */
export class FakeTask {
  readonly inputs: readonly TopicPartition[];
  readonly stores = new Map();
  readonly changelogs: StreamTask['changelogs'] = [];
  readonly durability = new TaskDurability(NO_STORAGE, [], { follow: undefined, clock: () => 0 });
  readonly dropped = new Map<string, number>();
  readonly events: string[] = [];
  readonly recordTimes = new RecordTimes();
  readonly partition: number;
  deadLetters = 0;
  uncommittedRecords = 0;
  queued = 0;
  next = 0;
  bytes = 0;
  commitNeeded = false;
  commitRequested = false;
  pending: Promise<void> | undefined;
  punctuationMs = Number.POSITIVE_INFINITY;
  clock = (): number => 0;
  failWith: Error | undefined;

  constructor(topic = 'beats', partition = 0) {
    this.partition = partition;
    this.inputs = [{ topic, partition }];
  }

  initialize(committed: readonly { offset: number }[]): void {
    this.next = committed[0]?.offset ?? 0;
    this.events.push(`initialize at ${this.next}`);
  }

  restore(_changelog: unknown, key: Uint8Array, value: Uint8Array | null): void {
    this.events.push(
      `restore ${Buffer.from(key).toString()}=${value === null ? 'null' : Buffer.from(value).toString()}`,
    );
  }

  addRecords(fetched: FetchedRecords): void {
    this.queued += fetched.nextOffset - fetched.offset;
    this.bytes += fetched.records.length;
  }

  process(maxRecords: number, shouldStop: () => boolean = () => false): number {
    if (this.pending !== undefined) return 0;
    let count = 0;
    while (this.queued > 0 && count < maxRecords) {
      if (this.failWith !== undefined) throw this.failWith;
      this.queued--;
      this.next++;
      count++;
      this.commitNeeded = true;
      if (shouldStop()) break;
    }
    if (this.queued === 0) this.bytes = 0;
    return count;
  }

  readonly isRecyclable = true;

  recycle(): void {
    this.events.push('recycle');
  }

  nextPunctuationMs(): number {
    return this.punctuationMs;
  }

  punctuate(): number {
    if (this.punctuationMs > this.clock()) return 0;
    this.events.push('punctuate');
    this.punctuationMs = Number.POSITIVE_INFINITY;
    return 1;
  }

  prepareCommit() {
    this.events.push('flush stores');
    return this.inputs.map((input) => ({ ...input, offset: this.next, metadata: 'm' }));
  }

  markCommitted(): void {
    this.commitNeeded = false;
    this.commitRequested = false;
  }

  position(): number {
    return this.next;
  }

  bufferedBytes(): number {
    return this.bytes;
  }

  close(): void {
    this.events.push('close');
  }
}

export const asStreamTask = (fake: FakeTask): StreamTask => fake as unknown as StreamTask;

/** What a fetch brings: records `key=value` from `offset` on, in one batch. A value of `null` is a tombstone. */
export function fetched(topic: string, partition: number, offset: number, records: readonly string[]): FetchedRecords {
  const writer = new RecordBatchWriter();
  for (const [index, record] of records.entries()) {
    const [key = '', value = ''] = record.split('=');
    writer.append(1_000 + index, Buffer.from(key), value === 'null' ? null : Buffer.from(value));
  }
  const bytes = records.length === 0 ? Buffer.alloc(0) : Buffer.from(writer.seal({}));
  if (bytes.length > 0) bytes.writeBigInt64BE(BigInt(offset), 0);
  const nextOffset = offset + records.length;
  return {
    topic,
    partition,
    offset,
    nextOffset,
    records: bytes,
    highWatermark: nextOffset,
    lastStableOffset: nextOffset,
    logStartOffset: 0,
    abortedTransactions: [],
  };
}

/** A fetcher that brings what the test feeds it. */
export class FakeFetcher {
  readonly added: PartitionStart[] = [];
  closed = 0;
  private readonly arrived: FetchedRecords[] = [];
  private notify: () => void = () => {};

  feed(...records: FetchedRecords[]): void {
    this.arrived.push(...records);
    this.notify();
  }

  add(starts: readonly PartitionStart[]): void {
    this.added.push(...starts);
  }

  remove(): void {}

  poll(): FetchedRecords[] {
    return this.arrived.splice(0);
  }

  waitForData(_timeoutMs: number, signal?: AbortSignal): Promise<boolean> {
    return new Promise((resolve) => {
      if (this.arrived.length > 0) return resolve(true);
      this.notify = () => resolve(true);
      signal?.addEventListener('abort', () => resolve(false), { once: true });
    });
  }

  close(): Promise<void> {
    this.closed++;
    this.notify();
    return Promise.resolve();
  }
}

/** Waits for a condition, with a deadline. */
export async function eventually(condition: () => boolean, what: string, timeoutMs = 30_000): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`not within ${timeoutMs} ms: ${what}`);
    await new Promise((resolve) => {
      setTimeout(resolve, 1);
    });
  }
}
