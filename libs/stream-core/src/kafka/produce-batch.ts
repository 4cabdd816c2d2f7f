import type { RecordBatchWriter } from '@playhead/kafka-protocol';
import type { OutputOrigin } from '../processor/record-collector.ts';

/** Where a batch stands: only `filling` takes records, and only `done` has left the producer. One that `waitsFor` others is `waiting`. */
export type ProduceBatchState = 'filling' | 'waiting' | 'flying' | 'done';

/** One batch of one partition, from its first record to its acknowledgement. */
export class ProduceBatch {
  readonly writer: RecordBatchWriter;
  /** How many records the producer had taken before this batch's first one. */
  readonly firstMark: number;
  /** `performance.now()`: the delivery timeout runs from here. */
  createdAtMs: number;
  state: ProduceBatchState = 'filling';
  /** −1 until it is sent for the first time. */
  sequence = -1;
  /** It was sent and nobody knows whether it was written. */
  uncertain = false;
  /** The code of the latest refusal, 0 before. */
  refusal = 0;
  /** What each record was made from, as far as somebody said so; by its index. */
  origins: (OutputOrigin | undefined)[] | undefined;
  /** Bytes that `origins` keep in memory. */
  originBytes = 0;
  #settled: { offset: number } | { error: Error } | undefined;
  #promise: Promise<number> | undefined;
  #resolve: ((offset: number) => void) | undefined;
  #reject: ((error: Error) => void) | undefined;
  /** Batches that take this one's place and are not settled. */
  #awaited = 0;
  #awaitedError: Error | undefined;
  /** Whose place this one takes. */
  #replaced: ProduceBatch[] | undefined;

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

  /** Somebody wants to know where the batch comes to lie, which is one place for all its records. */
  get isOffsetAsked(): boolean {
    return this.#promise !== undefined;
  }

  acknowledge(offset: number): void {
    this.#settle({ offset });
  }

  fail(error: Error): void {
    this.#settle({ error });
  }

  /** It is not written itself, and done when `others` are: failed when one of them is. With none it is done now. */
  waitFor(others: readonly ProduceBatch[]): void {
    this.state = 'waiting';
    this.#awaited = others.length;
    for (const other of others) (other.#replaced ??= []).push(this);
    if (others.length === 0) this.acknowledge(-1);
  }

  #settle(settled: { offset: number } | { error: Error }): void {
    this.state = 'done';
    this.#settled = settled;
    this.#publish();
    for (const replaced of this.#replaced ?? []) replaced.#otherSettled('error' in settled ? settled.error : undefined);
  }

  #otherSettled(error: Error | undefined): void {
    this.#awaitedError ??= error;
    if (--this.#awaited > 0) return;
    if (this.#awaitedError === undefined) this.acknowledge(-1);
    else this.fail(this.#awaitedError);
  }

  #publish(): void {
    if (this.#settled === undefined) return;
    if ('offset' in this.#settled) this.#resolve?.(this.#settled.offset);
    else this.#reject?.(this.#settled.error);
  }
}
