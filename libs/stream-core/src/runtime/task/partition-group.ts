import { TimestampHeap } from '../../internal/timestamp-heap.ts';
import { PendingCodecError } from '../../serde/serde.ts';
import { encodeOffsetMetadata } from './offset-metadata.ts';
import type { CommittableOffset } from './offset-metadata.ts';
import type { RecordQueue } from './record-queue.ts';

/** Whether an input whose queue is empty has records on their way, or may have: nobody has answered yet. */
export type AwaitsMore = (queue: RecordQueue) => boolean;

/**
 * The queues of a task. The next record is the head with the smallest timestamp; ties fall as in Kafka Streams, whose heap is copied exactly. While an empty queue has records on their way there is
 * no next one, as one of those might be earlier (`max.task.idle.ms` = 0).
 */
export class PartitionGroup {
  readonly queues: readonly RecordQueue[];
  /** Greatest timestamp taken; -1 before the first. */
  streamTimeMs = -1;
  /** Written beside the offsets, once the task has one. */
  marker: string | undefined;
  readonly #heap = new TimestampHeap<RecordQueue>();
  /** Queues whose head cannot be read yet. */
  readonly #stalled: RecordQueue[] = [];
  readonly #awaitsMore: AwaitsMore;
  readonly #owner: string | undefined;
  #waits = false;
  readonly #rememberedClosedUpTo = new Map<string, number>();

  /** Without `awaitsMore` what is queued is all there is. `owner` is written beside the offsets. */
  constructor(queues: readonly RecordQueue[], awaitsMore: AwaitsMore = () => false, owner?: string) {
    this.queues = queues;
    this.#awaitsMore = awaitsMore;
    this.#owner = owner;
  }

  /** The queue whose head is next; undefined when nothing is queued and while an empty queue has records on their way. */
  get first(): RecordQueue | undefined {
    return this.#waits ? undefined : this.#heap.first;
  }

  /** Asks again what is on its way: to be called when something may have arrived since. */
  lookAround(): void {
    this.#waits = this.queues.length > 1 && this.#isOneAwaited();
  }

  /** Takes notice of records added to `queue`. Gives what it waits for when its head cannot be read yet. */
  added(queue: RecordQueue): Promise<void> | undefined {
    return queue.hasHead ? undefined : this.#offer(queue);
  }

  /** Drops the head that was just processed and finds the queue's next one. Gives what that waits for when it cannot be read yet. */
  next(): Promise<void> | undefined {
    const queue = this.#heap.poll() as RecordQueue;
    queue.release();
    const waiting = this.#offer(queue);
    if (!queue.hasHead) this.lookAround();
    return waiting;
  }

  /** Looks again at heads that could not be read. */
  retryStalled(): Promise<void> | undefined {
    for (let queue = this.#stalled.pop(); queue !== undefined; queue = this.#stalled.pop()) {
      const waiting = this.#offer(queue);
      if (waiting !== undefined) return waiting;
    }
    return undefined;
  }

  rememberOffsets(closedUpTo: ReadonlyMap<string, number>): void {
    const { queues } = this;
    for (let i = 0; i < queues.length; i++) (queues[i] as RecordQueue).rememberPosition();
    if (closedUpTo.size > 0) for (const [store, timeMs] of closedUpTo) this.#rememberedClosedUpTo.set(store, timeMs);
  }

  get rememberedOffsets(): readonly CommittableOffset[] {
    const closedUpTo = this.#rememberedClosedUpTo;
    return this.queues
      .filter(({ rememberedPosition }) => rememberedPosition >= 0)
      .map(({ topic, partition, rememberedPosition: offset, rememberedTimeMs: partitionTimeMs }) => ({
        topic,
        partition,
        offset,
        metadata: encodeOffsetMetadata({ partitionTimeMs, closedUpTo, owner: this.#owner, marker: this.marker }),
      }));
  }

  clear(): void {
    this.#heap.clear();
    this.#stalled.length = 0;
    for (const queue of this.queues) queue.clear();
  }

  #isOneAwaited(): boolean {
    for (const queue of this.queues) if (!queue.hasHead && this.#awaitsMore(queue)) return true;
    return false;
  }

  #offer(queue: RecordQueue): Promise<void> | undefined {
    try {
      if (queue.advance()) this.#heap.offer(queue, queue.headTimestamp);
      return undefined;
    } catch (error) {
      if (!(error instanceof PendingCodecError)) throw error;
      this.#stalled.push(queue);
      return error.ready;
    }
  }
}
