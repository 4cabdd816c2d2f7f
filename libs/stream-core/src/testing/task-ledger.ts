import type { CommittableOffset, StreamTask } from '../runtime/stream-task.ts';
import type { SeededRandom } from './seeded-random.ts';
import type { TaskProducer } from './task-producer.ts';

/** What the brokers know of a task: who it belongs to, and how far it is committed. */
export class TaskLedger {
  /** Who has restored the task last: only they may commit (the group's generation). */
  owner = 0;
  /** Its remembered offsets are the committed ones. Offsets are not made before somebody asks for them. */
  #committer: StreamTask | undefined;

  get committed(): readonly CommittableOffset[] {
    return this.#committer?.rememberedOffsets ?? [];
  }

  /** A task that begins with what is committed takes over. Gives in whose name it is to commit. */
  takeOver(task: StreamTask): number {
    task.rememberOffsets();
    this.#committer = task;
    return ++this.owner;
  }

  /** False: refused, it is somebody else's, and nothing of what was sent will be there. With `random` partitions get their records in any order. With at_least_once whoever was out of touch for so long sends nothing by itself (`SessionLease`). */
  commit(owner: number, task: StreamTask, producer: TaskProducer, random?: SeededRandom): boolean {
    if (owner !== this.owner) {
      producer.discard();
      return false;
    }
    producer.flush(random);
    task.rememberOffsets();
    this.#committer = task;
    return true;
  }
}
