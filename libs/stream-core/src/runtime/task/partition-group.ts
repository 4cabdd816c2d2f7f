import { TimestampHeap } from '../../internal/timestamp-heap.ts';
import { PendingCodecError } from '../../serde/serde.ts';
import type { RecordQueue } from './record-queue.ts';

/** The queues of a task. The next record is the head with the smallest timestamp; ties fall as in Kafka Streams, whose heap is copied exactly. */
export class PartitionGroup {
  readonly queues: readonly RecordQueue[];
  /** Greatest timestamp taken; -1 before the first. */
  streamTimeMs = -1;
  readonly #heap = new TimestampHeap<RecordQueue>();
  /** Queues whose head cannot be read yet. */
  readonly #stalled: RecordQueue[] = [];

  constructor(queues: readonly RecordQueue[]) {
    this.queues = queues;
  }

  /** The queue whose head is next; undefined when nothing is queued. */
  get first(): RecordQueue | undefined {
    return this.#heap.first;
  }

  /** Takes notice of records added to `queue`. Gives what it waits for when its head cannot be read yet. */
  added(queue: RecordQueue): Promise<void> | undefined {
    return queue.hasHead ? undefined : this.#offer(queue);
  }

  /** Drops the head that was just processed and finds the queue's next one. Gives what that waits for when it cannot be read yet. */
  next(): Promise<void> | undefined {
    const queue = this.#heap.poll() as RecordQueue;
    queue.release();
    return this.#offer(queue);
  }

  /** Looks again at heads that could not be read. */
  retryStalled(): Promise<void> | undefined {
    for (let queue = this.#stalled.pop(); queue !== undefined; queue = this.#stalled.pop()) {
      const waiting = this.#offer(queue);
      if (waiting !== undefined) return waiting;
    }
    return undefined;
  }

  clear(): void {
    this.#heap.clear();
    this.#stalled.length = 0;
    for (const queue of this.queues) queue.clear();
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
