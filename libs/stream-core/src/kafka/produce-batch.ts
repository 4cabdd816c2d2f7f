import type { RecordBatchWriter } from '@playhead/kafka-protocol';

/** Where a batch stands: only `filling` takes records, and only `done` has left the producer. */
export type ProduceBatchState = 'filling' | 'waiting' | 'flying' | 'done';

/** One batch of one partition, from its first record to its acknowledgement. */
export class ProduceBatch {
  readonly writer: RecordBatchWriter;
  /** How many records the producer had taken before this batch's first one. */
  readonly firstMark: number;
  /** `performance.now()`: the delivery timeout runs from here. */
  readonly createdAtMs: number;
  state: ProduceBatchState = 'filling';
  /** −1 until it is sent for the first time. */
  sequence = -1;
  /** It was sent and nobody knows whether it was written. */
  uncertain = false;
  /** The code of the latest refusal, 0 before. */
  refusal = 0;
  #settled: { offset: number } | { error: Error } | undefined;
  #promise: Promise<number> | undefined;
  #resolve: ((offset: number) => void) | undefined;
  #reject: ((error: Error) => void) | undefined;

  constructor(writer: RecordBatchWriter, firstMark: number, createdAtMs: number) {
    this.writer = writer;
    this.firstMark = firstMark;
    this.createdAtMs = createdAtMs;
  }

  /** The offset of the first record; made for the first who asks, since most batches are only counted. */
  get baseOffset(): Promise<number> {
    if (this.#promise === undefined) {
      const { promise, resolve, reject } = Promise.withResolvers<number>();
      // Whoever awaits a record's promise sees the rejection; the batch's own copy must not count as unhandled.
      promise.catch(() => undefined);
      this.#promise = promise;
      this.#resolve = resolve;
      this.#reject = reject;
      this.#publish();
    }
    return this.#promise;
  }

  acknowledge(offset: number): void {
    this.state = 'done';
    this.#settled = { offset };
    this.#publish();
  }

  fail(error: Error): void {
    this.state = 'done';
    this.#settled = { error };
    this.#publish();
  }

  #publish(): void {
    if (this.#settled === undefined) return;
    if ('offset' in this.#settled) this.#resolve?.(this.#settled.offset);
    else this.#reject?.(this.#settled.error);
  }
}
