import type { CommittableOffset, StreamTask } from '../runtime/stream-task.ts';
import type { ProducedRecord } from './driver-log.ts';
import { fetchOf } from './driver-log.ts';
import type { TaskProducer } from './task-producer.ts';

/** A record that has arrived for a task. */
interface Arrival {
  readonly record: ProducedRecord;
  readonly offset: number;
}

/**
 * A task with what outlives it: its committed offsets, and the records that arrived and are not committed, in the order of arrival. The stream task inside is replaced when it crashes or moves.
 *
 *     receive ─▶ arrivals ─▶ feed ─▶ process ─▶ commit (forgets the arrivals)
 *                   ▲                  │
 *                   └──── replace ◀────┘ (everything not committed is fed again)
 */
export class DriverTask {
  readonly id: string;
  readonly producer: TaskProducer;
  task: StreamTask;
  /** Records processed since the last commit. */
  uncommittedRecords = 0;
  readonly #create: (producer: TaskProducer) => StreamTask;
  /** Feed at arrival: the task then chooses among its inputs by timestamp. Else one by one, in the order of arrival. */
  readonly #feedsAtOnce: boolean;
  #arrivals: Arrival[] = [];
  #fed = 0;
  #committed: readonly CommittableOffset[] = [];

  constructor(
    producer: TaskProducer,
    { create, feedsAtOnce }: { create: (producer: TaskProducer) => StreamTask; feedsAtOnce: boolean },
  ) {
    this.producer = producer;
    this.#create = create;
    this.#feedsAtOnce = feedsAtOnce;
    this.task = create(producer);
    this.task.initialize();
    this.id = this.task.id;
  }

  /** Whether `process` may find something. */
  get isReady(): boolean {
    return this.task.pending === undefined && (this.#fed < this.#arrivals.length || this.task.bufferedBytes() > 0);
  }

  /** Something was done that a crash would undo. */
  get isDirty(): boolean {
    return this.task.commitNeeded;
  }

  /** The committed offset of an input; 0 before the first commit. */
  committedOffset(topic: string): number {
    return this.#committed.find((input) => input.topic === topic)?.offset ?? 0;
  }

  receive(record: ProducedRecord, offset: number): void {
    this.#arrivals.push({ record, offset });
    if (this.#feedsAtOnce) this.#feed();
  }

  /** Processes a record; false when there is none, or the next one cannot be read yet. */
  process(): boolean {
    if (!this.#feedsAtOnce && this.task.bufferedBytes() === 0 && this.#fed < this.#arrivals.length) this.#feed();
    if (this.task.process(1) === 0) return false;
    this.uncommittedRecords++;
    return true;
  }

  /** The first half of a commit: caches send what they keep back. */
  prepareCommit(): readonly CommittableOffset[] {
    return this.task.prepareCommit();
  }

  /** The second half: the brokers get everything that was sent, and then the offsets. */
  finishCommit(offsets: readonly CommittableOffset[]): void {
    this.producer.flush();
    this.#committed = offsets;
    this.task.markCommitted();
    this.uncommittedRecords = 0;
    this.#forget();
  }

  /** Puts a new stream task in the place of the one that crashed or left; `restore` fills its stores. What was not committed is to be processed again: gives how many records had been. */
  replace(restore: (task: StreamTask) => void): number {
    const repeated = this.uncommittedRecords;
    this.task = this.#create(this.producer);
    restore(this.task);
    this.task.initialize(this.#committed);
    this.uncommittedRecords = 0;
    this.#fed = 0;
    if (this.#feedsAtOnce) while (this.#fed < this.#arrivals.length) this.#feed();
    return repeated;
  }

  #feed(): void {
    const { record, offset } = this.#arrivals[this.#fed++] as Arrival;
    this.task.addRecords(fetchOf(record, offset));
  }

  #forget(): void {
    if (this.#fed === this.#arrivals.length && this.task.bufferedBytes() === 0) {
      this.#arrivals.length = 0;
      this.#fed = 0;
      return;
    }
    const before = this.#arrivals.length;
    this.#arrivals = this.#arrivals.filter(({ record, offset }) => offset >= this.committedOffset(record.topic));
    this.#fed -= before - this.#arrivals.length;
  }
}
