import type { DropReason } from '../processor/drop-reason.ts';
import type { GlobalStores } from '../runtime/global-stores.ts';
import type { StreamTask } from '../runtime/stream-task.ts';
import type { SimulatedRuntime } from './simulated-runtime.ts';

/** What a driver counts. All of it only grows; what is processed again after a crash counts again. */
export class DriverMetrics {
  readonly #runtime: SimulatedRuntime;
  readonly #globals: GlobalStores;
  /** Of tasks that crashed or moved. */
  readonly #droppedBefore = new Map<DropReason, number>();
  #punctuationsBefore = 0;
  #deadLettersBefore = 0;

  constructor(runtime: SimulatedRuntime, globals: GlobalStores) {
    this.#runtime = runtime;
    this.#globals = globals;
  }

  get processedRecords(): number {
    return this.#runtime.counters.processedRecords;
  }

  /** Of tasks. */
  get commits(): number {
    return this.#runtime.counters.commits;
  }

  get crashes(): number {
    return this.#runtime.counters.crashes;
  }

  get rebalances(): number {
    return this.#runtime.counters.rebalances;
  }

  /** Tasks that went on although they had been replaced. */
  get zombies(): number {
    return this.#runtime.counters.zombies;
  }

  /** Commits of zombies that the brokers refused. */
  get refusedCommits(): number {
    return this.#runtime.counters.refusedCommits;
  }

  /** Changelog records that stores were filled with. */
  get restoredRecords(): number {
    return this.#runtime.counters.restoredRecords;
  }

  get punctuations(): number {
    return this.#runtime.tasks.reduce((sum, { task }) => sum + task.punctuations, this.#punctuationsBefore);
  }

  get deadLetters(): number {
    return this.#runtime.tasks.reduce((sum, { task }) => sum + task.deadLetters, this.#deadLettersBefore);
  }

  /** Records left out, by reason. */
  get dropped(): ReadonlyMap<DropReason, number> {
    const dropped = new Map(this.#droppedBefore);
    for (const { task } of this.#runtime.tasks) addTo(dropped, task.dropped);
    if (this.#globals.dropped > 0) addTo(dropped, [['null-key', this.#globals.dropped]]);
    return dropped;
  }

  /** Sum of `dropped`. */
  get droppedRecords(): number {
    let sum = 0;
    for (const count of this.dropped.values()) sum += count;
    return sum;
  }

  /** Takes over what a task has counted that ends. */
  absorb(task: StreamTask): void {
    addTo(this.#droppedBefore, task.dropped);
    this.#punctuationsBefore += task.punctuations;
    this.#deadLettersBefore += task.deadLetters;
  }
}

function addTo(sums: Map<DropReason, number>, counts: Iterable<readonly [DropReason, number]>): void {
  for (const [reason, count] of counts) sums.set(reason, (sums.get(reason) ?? 0) + count);
}
