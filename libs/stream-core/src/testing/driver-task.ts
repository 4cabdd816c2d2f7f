import type { StreamTask } from '../runtime/stream-task.ts';
import { FetchWriter } from './fetch-writer.ts';
import type { PagedRecord } from './paged-record.ts';
import { repeatedFailure } from './repeated-failure.ts';
import type { SeededRandom } from './seeded-random.ts';
import { TaskLedger } from './task-ledger.ts';
import type { TaskProducer } from './task-producer.ts';
import { ZombieTask } from './zombie-task.ts';

/** Memory for arrivals that is kept from commit to commit. */
const MAX_KEPT_ARRIVALS = 1024;

/**
 * A task with what outlives it: its committed offsets, and the records that arrived and are not committed, in the order of arrival. The stream task inside is replaced when it crashes or moves.
 *
 *     receive ─▶ arrivals ─▶ feed ─▶ process ─▶ commit (forgets the arrivals)
 *                   ▲                  │
 *                   └──── replace ◀────┘ (everything not committed is fed again)
 */
export class DriverTask {
  readonly id: string;
  producer: TaskProducer;
  task: StreamTask;
  /** Records processed since the last commit. */
  uncommittedRecords = 0;
  readonly #create: (producer: TaskProducer) => StreamTask;
  /** Feed at arrival: the task then chooses among its inputs by timestamp. Else one by one, in the order of arrival. */
  readonly #feedsAtOnce: boolean;
  readonly #makeProducer: () => TaskProducer;
  readonly #ledger = new TaskLedger();
  #owner: number;
  #fetches = new FetchWriter();
  #arrivals: PagedRecord[] = [];
  /** Of the arrivals. */
  #offsets: number[] = [];
  #arrived = 0;
  #fed = 0;
  /** The next record has failed, and stays the next one. */
  #hasFailed = false;

  constructor(
    makeProducer: () => TaskProducer,
    { create, feedsAtOnce }: { create: (producer: TaskProducer) => StreamTask; feedsAtOnce: boolean },
  ) {
    this.#makeProducer = makeProducer;
    this.producer = makeProducer();
    this.#create = create;
    this.#feedsAtOnce = feedsAtOnce;
    this.task = create(this.producer);
    this.task.initialize();
    this.#owner = this.#ledger.takeOver(this.task);
    this.id = this.task.id;
  }

  /** Whether `process` may find something. */
  get isReady(): boolean {
    return this.task.pending === undefined && (this.#fed < this.#arrived || this.task.bufferedBytes() > 0);
  }

  /** Something was done that a crash would undo. */
  get isDirty(): boolean {
    return this.task.commitNeeded;
  }

  /** The committed offset of an input; 0 before the first commit. */
  committedOffset(topic: string): number {
    return this.#ledger.committed.find((input) => input.topic === topic)?.offset ?? 0;
  }

  receive(record: PagedRecord, offset: number): void {
    const at = this.#arrived++;
    this.#arrivals[at] = record;
    this.#offsets[at] = offset;
    if (this.#feedsAtOnce) this.#feed();
  }

  /** Processes a record; false when there is none, or the next one cannot be read yet. Throws what the task throws, which then tries the same record again. */
  process(): boolean {
    if (!this.#feedsAtOnce && this.task.bufferedBytes() === 0 && this.#fed < this.#arrived) this.#feed();
    if (!this.#tryNext()) return false;
    this.uncommittedRecords++;
    return true;
  }

  /** The first half of a commit: caches send what they keep back. */
  prepareCommit(): void {
    this.task.flush();
  }

  /** The second half: the brokers get everything that was sent, and then the offsets; with `random` the partitions get it in any order. */
  finishCommit(random?: SeededRandom): void {
    this.#ledger.commit(this.#owner, this.task, this.producer, random);
    this.task.markCommitted();
    this.uncommittedRecords = 0;
    this.#forget();
  }

  /** The process stands still: `replace` lets another one take the task over, without the knowledge of what this gives. */
  freeze(): ZombieTask {
    const { task, producer } = this;
    this.producer = this.#makeProducer();
    // What the zombie has not read must stay as it is.
    this.#fetches = new FetchWriter();
    return new ZombieTask({
      ledger: this.#ledger,
      owner: this.#owner,
      task,
      producer,
      unread: this.#arrivals.slice(this.#fed, this.#arrived),
      offsets: this.#offsets.slice(this.#fed, this.#arrived),
    });
  }

  /** Puts a new stream task in the place of the one that crashed or left; `restore` fills its stores. What was not committed is to be processed again: gives how many records had been. */
  replace(restore: (task: StreamTask) => void): number {
    const repeated = this.uncommittedRecords;
    const { committed } = this.#ledger;
    const fresh = this.#create(this.producer);
    restore(fresh);
    this.task = fresh;
    fresh.initialize(committed);
    this.#owner = this.#ledger.takeOver(fresh);
    this.uncommittedRecords = 0;
    this.#fed = 0;
    this.#hasFailed = false;
    if (this.#feedsAtOnce) while (this.#fed < this.#arrived) this.#feed();
    return repeated;
  }

  #tryNext(): boolean {
    try {
      if (this.task.process(1) === 0) return false;
    } catch (error) {
      const thrown = this.#hasFailed ? repeatedFailure(error, this.id) : error;
      this.#hasFailed = true;
      throw thrown;
    }
    this.#hasFailed = false;
    return true;
  }

  #feed(): void {
    const at = this.#fed++;
    const isRead = this.task.bufferedBytes() === 0;
    const fetched = this.#fetches.fetch(this.#arrivals[at] as PagedRecord, this.#offsets[at] as number, isRead);
    this.task.addRecords(fetched);
  }

  #forget(): void {
    if (this.#fed === this.#arrived && this.task.bufferedBytes() === 0) {
      this.#arrived = 0;
      this.#fed = 0;
      // Small arrays stay as they are: emptying them would have them made anew for the next record.
      if (this.#arrivals.length > MAX_KEPT_ARRIVALS) this.#arrivals = [];
      return;
    }
    const committed = new Map(this.#ledger.committed.map(({ topic, offset }) => [topic, offset]));
    const offsets = this.#offsets;
    const isOpen = (at: number): boolean =>
      (offsets[at] as number) >= (committed.get((this.#arrivals[at] as PagedRecord).topic) ?? 0);
    const open = Array.from({ length: this.#arrived }, (_, at) => at).filter(isOpen);
    this.#fed -= this.#arrived - open.length;
    this.#arrivals = open.map((at) => this.#arrivals[at] as PagedRecord);
    this.#offsets = open.map((at) => offsets[at] as number);
    this.#arrived = open.length;
  }
}
