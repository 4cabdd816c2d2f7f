/**
 * What a runtime does around its tasks, without Kafka and synchronously: hands records over, commits, crashes, restores. Each task behaves like the only one of its instance: its own producer, its
 * own commits.
 *
 *     receive ─▶ task ─▶ process ─▶ fault? ─▶ commit due? ─▶ flush, offsets ─▶ log ─▶ receive …
 *
 * A task that crashed with a seed first catches up with what it had processed, in the same order. So with exactly_once the crash leaves no trace in the order of things.
 */
import { StreamsError, TopologyError } from '../errors.ts';
import type { GlobalStores } from '../runtime/global-stores.ts';
import type { StreamTask } from '../runtime/stream-task.ts';
import type { DriverLog } from './driver-log.ts';
import { DriverTask } from './driver-task.ts';
import type { PagedRecord } from './paged-record.ts';
import { RecordRouter } from './record-router.ts';
import { restoreStores } from './restore-stores.ts';
import { SeededRandom } from './seeded-random.ts';
import type { DriverFault, FaultScope, SimulationOptions } from './simulation-options.ts';
import { TaskProducer } from './task-producer.ts';
import type { ZombieTask } from './zombie-task.ts';

/** What a runtime runs. */
export interface SimulatedRuntimeParts {
  readonly createTasks: readonly ((producer: TaskProducer) => StreamTask)[];
  readonly log: DriverLog;
  readonly globals: GlobalStores;
  /** The virtual wall clock. */
  readonly clock: () => number;
}

const DEFAULT_WAKE_AFTER = 10;

/** What happened so far. */
export class SimulationCounters {
  /** Those that were processed again after a crash included. */
  processedRecords = 0;
  commits = 0;
  crashes = 0;
  rebalances = 0;
  restoredRecords = 0;
  /** Tasks that went on although they had been replaced. */
  zombies = 0;
  /** Of zombies. */
  refusedCommits = 0;
}

/** Runs a driver's tasks until none has anything left to do; commits, crashes and moves them. */
export class SimulatedRuntime {
  readonly tasks: readonly DriverTask[];
  readonly counters = new SimulationCounters();
  readonly #options: SimulationOptions;
  readonly #parts: SimulatedRuntimeParts;
  readonly #onReplaced: (task: StreamTask) => void;
  readonly #router: RecordRouter;
  readonly #faults: DriverFault[];
  /** Chooses tasks and deliveries. */
  readonly #schedule: SeededRandom | undefined;
  /** Chooses what crashes leave: apart, so that a crash does not change the schedule. */
  readonly #damage: SeededRandom | undefined;
  /** Tasks that stand still. */
  #zombies: { readonly zombie: ZombieTask; readonly wakesAfter: number }[] = [];
  /** Without those processed again. */
  #records = 0;
  readonly #commitRecords: number;
  readonly #commitMs: number;
  #committedAtMs: number;
  #isRunning = false;

  constructor(parts: SimulatedRuntimeParts, options: SimulationOptions, onReplaced: (task: StreamTask) => void) {
    this.#parts = parts;
    this.#options = options;
    this.#onReplaced = onReplaced;
    this.#faults = [...(options.faults ?? [])].sort((a, b) => a.afterRecords - b.afterRecords);
    const { seed, commitInterval = { records: 1 } } = options;
    this.#commitRecords = 'records' in commitInterval ? commitInterval.records : Infinity;
    this.#commitMs = 'ms' in commitInterval ? commitInterval.ms : Infinity;
    this.#schedule = seed === undefined ? undefined : new SeededRandom(seed);
    this.#damage = seed === undefined ? undefined : new SeededRandom(~seed);
    this.#committedAtMs = parts.clock();
    const feedsAtOnce = seed === undefined;
    this.tasks = parts.createTasks.map(
      (create) => new DriverTask(() => new TaskProducer(parts.log), { create, feedsAtOnce }),
    );
    this.#router = new RecordRouter(parts, this.tasks);
  }

  /** Takes a record that somebody else wrote. */
  receive(record: PagedRecord): void {
    this.#router.receive(record);
  }

  /** Runs until no task has anything left that it may read. */
  runToRest(): void {
    if (this.#isRunning) return; // A fault, in the middle of it.
    this.#isRunning = true;
    try {
      if (this.#schedule === undefined) while (this.#runTasksInOrder());
      else while (this.#runOneOf(this.#schedule));
    } catch (error) {
      throw this.#withSeed(error);
    } finally {
      this.#isRunning = false;
    }
  }

  /** The wall clock was moved. */
  punctuate(): void {
    const isDue = this.#parts.clock() - this.#committedAtMs >= this.#commitMs;
    for (const task of this.tasks) {
      task.task.punctuate();
      if (isDue || this.#commitRecords === 1) this.#commit(task);
    }
    if (isDue) this.#committedAtMs = this.#parts.clock();
    if (this.#schedule === undefined && !this.#isTransactional) for (const { producer } of this.tasks) producer.flush();
    this.#router.route();
    this.runToRest();
  }

  /** Commits, and goes on until everything has been processed and committed. */
  commit(): void {
    do {
      this.#wakeZombies(Infinity);
      this.#commitAll(this.tasks);
      this.runToRest();
    } while (this.tasks.some(({ isDirty }) => isDirty));
  }

  crash(scope: FaultScope): void {
    this.#crash(scope);
    this.runToRest();
  }

  rebalance(scope: FaultScope): void {
    this.#rebalance(scope);
    this.runToRest();
  }

  /** Gives the brokers what is on its way to a topic: whoever reads it has seen it. Not with exactly_once. */
  deliver(topic: string): void {
    if (this.#isTransactional) return;
    for (const { producer } of this.tasks) {
      for (const place of producer.destinations) if (place.topic === topic) producer.deliver(place, Infinity);
    }
    this.#router.route();
  }

  get #isTransactional(): boolean {
    return this.#options.guarantee === 'exactly_once';
  }

  #runTasksInOrder(): boolean {
    let processed = false;
    for (const task of this.tasks) {
      while (task.process()) {
        processed = true;
        this.#processed(task);
        if (!this.#isTransactional) task.producer.flush();
        this.#router.route();
      }
    }
    return processed;
  }

  /** Lets a task process a record, or the brokers get one. False: nothing is left that a task waits for. */
  #runOneOf(schedule: SeededRandom): boolean {
    const ready = this.tasks.filter(({ isReady }) => isReady);
    const deliveries = this.#isTransactional
      ? []
      : this.tasks.flatMap(({ producer }) => producer.destinations.map((place) => ({ producer, place })));
    if (ready.length === 0 && !deliveries.some(({ place }) => this.#router.isRead(place.topic))) return false;
    const choice = schedule.below(ready.length + deliveries.length);
    const task = ready[choice];
    if (task === undefined) {
      const { producer, place } = deliveries[choice - ready.length] as (typeof deliveries)[number];
      producer.deliver(place, 1);
    } else if (task.process()) this.#processed(task);
    this.#router.route();
    return true;
  }

  #processed(task: DriverTask): void {
    this.#records++;
    this.counters.processedRecords++;
    while (this.#faults[0]?.afterRecords === this.#records) this.#strike(this.#faults.shift() as DriverFault);
    this.#wakeZombies(this.#records);
    if (task.uncommittedRecords >= this.#commitRecords || task.task.commitRequested) this.#commit(task);
  }

  #strike(fault: DriverFault): void {
    if (fault.kind === 'crash') this.#crash(fault);
    else if (fault.kind === 'rebalance') this.#rebalance(fault);
    else if (fault.kind === 'zombie') this.#freeze(fault);
    else if (fault.kind === 'lost-acknowledgement') this.#loseAcknowledgement(fault);
    else this.#commitAll(this.#tasksOf(fault));
  }

  #commit(task: DriverTask): void {
    task.prepareCommit();
    task.finishCommit(this.#isTransactional ? this.#schedule : undefined);
    this.counters.commits++;
  }

  #commitAll(tasks: readonly DriverTask[]): void {
    for (const task of tasks) this.#commit(task);
    this.#router.route();
  }

  #crash(scope: FaultScope): void {
    const crashing = this.#tasksOf(scope);
    this.counters.crashes++;
    for (const task of crashing) {
      if (scope.duringCommit === true) task.prepareCommit();
      task.producer.freeze((sent) => this.#survivors(sent));
      task.producer.discard();
      closeStores(task.task);
    }
    this.#replaceAndRepeat(crashing);
  }

  #freeze({ wakesAfterRecords = DEFAULT_WAKE_AFTER, ...scope }: DriverFault): void {
    const frozen = this.#tasksOf(scope);
    for (const task of frozen) {
      if (scope.duringCommit === true) task.prepareCommit();
      task.producer.freeze((sent) => this.#survivors(sent));
      this.#zombies.push({ zombie: task.freeze(), wakesAfter: this.#records + wakesAfterRecords });
    }
    this.#replaceAndRepeat(frozen);
  }

  #wakeZombies(records: number): void {
    if (this.#zombies.length === 0) return;
    const waking = this.#zombies.filter(({ wakesAfter }) => wakesAfter <= records);
    this.#zombies = this.#zombies.filter(({ wakesAfter }) => wakesAfter > records);
    for (const { zombie } of waking) {
      this.counters.zombies++;
      if (!zombie.wake()) this.counters.refusedCommits++;
    }
  }

  #loseAcknowledgement(scope: FaultScope): void {
    const tasks = this.#tasksOf(scope);
    this.#commitAll(tasks);
    if (!this.#isTransactional) return this.#commitAll(tasks);
    for (const task of tasks) {
      closeStores(task.task);
      this.#replace(task);
    }
  }

  #replaceAndRepeat(crashing: readonly DriverTask[]): void {
    this.#router.route();
    const repeats = crashing.map((task) => ({ task, count: this.#replace(task) }));
    if (this.#schedule === undefined) return;
    for (const { task, count } of repeats) {
      for (let repeated = 0; repeated < count && task.process(); repeated++) this.counters.processedRecords++;
    }
  }

  #rebalance(scope: FaultScope): void {
    const moving = this.#tasksOf(scope);
    this.counters.rebalances++;
    this.#commitAll(moving);
    for (const task of moving) {
      task.task.close();
      this.#replace(task);
    }
  }

  #survivors(sent: number): number {
    if (this.#isTransactional) return 0;
    return this.#damage === undefined ? sent : this.#damage.below(sent + 1);
  }

  #replace(task: DriverTask): number {
    this.#onReplaced(task.task);
    return task.replace((fresh) => {
      this.counters.restoredRecords += restoreStores(fresh, {
        log: this.#parts.log,
        committedOffset: (topic) => task.committedOffset(topic),
        random: this.#damage,
      });
    });
  }

  #tasksOf({ task: id }: FaultScope): readonly DriverTask[] {
    if (id === undefined) return this.tasks;
    const found = this.tasks.filter((task) => task.id === id);
    if (found.length > 0) return found;
    throw new TopologyError(`there is no task ${id}; allowed: ${this.tasks.map((task) => task.id).join(', ')}`);
  }

  #withSeed(error: unknown): unknown {
    const { seed } = this.#options;
    if (seed === undefined || !(error instanceof StreamsError)) return error;
    const message = `${error.message} (driver seed ${seed}, after ${this.#records} records)`;
    return new StreamsError(error.code, message, { context: error.context, cause: error });
  }
}

/** As a process that ends: processors are not asked. */
function closeStores({ stores }: StreamTask): void {
  for (const store of stores.values()) store.close();
}
