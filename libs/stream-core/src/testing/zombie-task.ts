import type { StreamTask } from '../runtime/stream-task.ts';
import { FetchWriter } from './fetch-writer.ts';
import type { PagedRecord } from './paged-record.ts';
import type { TaskLedger } from './task-ledger.ts';
import type { TaskProducer } from './task-producer.ts';

/** What a process that stands still has of a task. */
export interface ZombieParts {
  readonly ledger: TaskLedger;
  /** In whose name it commits. */
  readonly owner: number;
  readonly task: StreamTask;
  readonly producer: TaskProducer;
  /** Fetched and not given to the task, with their offsets. */
  readonly unread: readonly PagedRecord[];
  readonly offsets: readonly number[];
}

/** A task whose process stands still while somebody else has taken it over. */
export class ZombieTask {
  readonly #parts: ZombieParts;

  constructor(parts: ZombieParts) {
    this.#parts = parts;
  }

  /** Goes on as if nothing had happened: processes what was fetched, and commits. Returns whether the brokers took it. Throws what the task throws. */
  wake(): boolean {
    const { ledger, owner, task, producer, unread, offsets } = this.#parts;
    const fetches = new FetchWriter();
    this.#process();
    for (const [index, record] of unread.entries()) {
      task.addRecords(fetches.fetch(record, offsets[index] as number, task.bufferedBytes() === 0));
      this.#process();
    }
    task.flush();
    const isTaken = ledger.commit(owner, task, producer);
    for (const store of task.stores.values()) store.close();
    return isTaken;
  }

  #process(): void {
    while (this.#parts.task.process(1) > 0);
  }
}
