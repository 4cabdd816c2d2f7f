import type { RecordContext } from '../../processor/record-context.ts';
import type { RecordQueue } from './record-queue.ts';
import { SourceRecord } from './source-record.ts';

/** The record that a task has taken from a queue, as long as its bytes are there. */
export class TakenRecord {
  /** Whose head it is. */
  queue: RecordQueue | undefined;
  readonly #record: RecordContext;
  readonly #taskId: string;
  /** The last one that was copied. */
  #source: SourceRecord | undefined;

  constructor(record: RecordContext, taskId: string) {
    this.#record = record;
    this.#taskId = taskId;
  }

  /** `queue`, while its head is what nodes work on; undefined in a punctuator, and for a record that a buffer or a cache has kept: its bytes are gone. */
  get inProgress(): RecordQueue | undefined {
    const { queue } = this;
    const { topic, offset } = this.#record;
    return queue?.topic === topic && queue.cursor.offset === offset ? queue : undefined;
  }

  /** A copy of what is in progress, the same for all its output. */
  get source(): SourceRecord | undefined {
    const queue = this.inProgress;
    if (queue === undefined) return undefined;
    if (this.#source?.topic !== queue.topic || this.#source.offset !== queue.cursor.offset) {
      this.#source = new SourceRecord(queue, this.#taskId);
    }
    return this.#source;
  }

  clear(): void {
    this.queue = undefined;
    this.#source = undefined;
  }
}
