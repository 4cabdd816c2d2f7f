/**
 * The loop that moves records: fetched batches to tasks, slices of processing, punctuators, commits. There is one per
 * application and process; it never blocks the event loop for longer than a slice, and when there is nothing to do it
 * sleeps until a fetch answers, a punctuator is due or somebody wakes it.
 *
 *     poll ─▶ addRecords ─▶ slice: process, progress, punctuate ─▶ commit when due ─▶ setImmediate | wait for data
 */
import { setImmediate, setTimeout } from 'node:timers/promises';
import type { Fetcher } from '../kafka/fetcher.ts';
import type { FetchedRecords } from '../kafka/types.ts';
import type { ActiveTask } from './active-task.ts';
import { EndToEndLatency, type LatencySummary } from './end-to-end-latency.ts';
import type { InputWaits } from './input-waits.ts';
import type { KafkaRecordCollector } from './kafka-record-collector.ts';
import type { StreamsCounters } from './streams-metrics.ts';
import type { StreamsProducer } from './streams-producer.ts';
import type { TaskCommitter } from './task-committer.ts';
import type { TaskManager } from './task-manager.ts';
import { TaskPace } from './task-pace.ts';

/** What the loop works with. */
export interface StreamThreadOptions {
  readonly fetcher: Fetcher;
  readonly producer: Pick<StreamsProducer, 'drained'>;
  readonly collector: KafkaRecordCollector;
  readonly tasks: Pick<TaskManager, 'all' | 'get'>;
  /** The task that reads a partition here. */
  readonly taskOf: (records: FetchedRecords) => ActiveTask | undefined;
  readonly committer: TaskCommitter;
  readonly waits: Pick<InputWaits, 'nextEndMs'>;
  readonly clock: () => number;
  /** Milliseconds from any origin, never set back: what slices are measured with. Default `performance.now`. */
  readonly monotonicMs?: (() => number) | undefined;
  readonly sliceMs: number;
  readonly maxBufferedBytes: number;
  /** True: nothing is processed. */
  readonly isPaused: () => boolean;
  /** A task has processed all that stood in its inputs when it came here. */
  readonly onCaughtUp: (task: ActiveTask) => void;
  /** The loop has ended by an error; called once. */
  readonly onError: (error: unknown) => void;
  readonly counters: StreamsCounters;
}

/** Most that one partition may have waiting in its task. */
const MAX_PARTITION_BYTES = 4 * 1024 * 1024;
/** Of a slice that is left to processing when others have taken the rest of it. */
const LEAST_SLICE = 0.5;
/** … and in a turn in which a storage is handed what it has to write. */
const HAND_OVER_SLICE = 0.2;
/** The loop looks around at least this often. */
const MAX_IDLE_MS = 1_000;

interface TaskMeter {
  readonly pace: TaskPace;
  readonly latency: EndToEndLatency;
}

/** The loop of an instance: `start`, `wake` when something outside has changed, `stop` after the record at hand. */
export class StreamThread {
  readonly #options: StreamThreadOptions;
  #stopping = false;
  #idle = new AbortController();
  /** Which task has the first turn of the next slice. */
  #first = 0;
  /** What the fetcher has must not wake the loop. */
  #full = false;
  #sliceEnd = 0;
  /** When the last slice gave the event loop back; undefined: the loop has slept since. */
  #gaveBackMs: number | undefined;
  #running: Promise<void> = Promise.resolve();
  /** Ends the wait for room in the producer. */
  #stopWaiting: () => void = () => {};
  /** Pending codecs whose end wakes the loop already. */
  readonly #awaited = new WeakSet<Promise<void>>();
  readonly #meters = new WeakMap<ActiveTask, TaskMeter>();
  readonly #nowMs: () => number;
  readonly #shouldStop = (): boolean =>
    this.#options.collector.full || this.#stopping || this.#options.isPaused() || this.#nowMs() >= this.#sliceEnd;

  constructor(options: StreamThreadOptions) {
    this.#options = options;
    this.#nowMs = options.monotonicMs ?? (() => performance.now());
  }

  start(): void {
    this.#running = this.#run().catch((error: unknown) => this.#options.onError(error));
  }

  /** Ends the loop after the record at hand. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#stopWaiting();
    this.wake();
    await this.#running;
  }

  /** Ends the sleep of an idle loop. */
  wake(): void {
    this.#idle.abort();
  }

  async #run(): Promise<void> {
    const { collector, committer, tasks } = this.#options;
    while (!this.#stopping) {
      const worked = this.#turn();
      if (collector.full) {
        await this.#drained();
        collector.full = false;
      }
      if (tasks.all.some(({ commitNeeded }) => commitNeeded)) committer.commitWhenDue(tasks.all);
      this.#gaveBackMs = worked ? this.#nowMs() : undefined;
      if (worked) await setImmediate();
      else await this.#sleep();
    }
  }

  /** Resolves when the producer has room, or at the end. Not a race with a promise for the end, which would keep every one of these waits. */
  #drained(): Promise<void> {
    if (this.#stopping) return Promise.resolve();
    return new Promise((resolve) => {
      this.#stopWaiting = resolve;
      void this.#options.producer.drained().then(resolve);
    });
  }

  /** Tasks hold as many bytes as they may: nothing more arrives before some of it is processed. */
  get isFull(): boolean {
    return this.#full;
  }

  /** How old the records of a task were when they had been processed, lately; undefined: there were none. */
  latencyOf(active: ActiveTask): LatencySummary | undefined {
    return this.#meters.get(active)?.latency.summary(this.#options.clock());
  }

  /** One slice; true when anything was done. */
  #turn(): boolean {
    const { tasks, counters, committer, sliceMs, isPaused } = this.#options;
    if (isPaused()) return false;
    const started = this.#nowMs();
    // What others do between two slices is in the same turn of the event loop.
    const othersMs = started - (this.#gaveBackMs ?? started);
    this.#sliceEnd =
      started +
      (committer.isHandingOver ? sliceMs * HAND_OVER_SLICE : Math.max(sliceMs * LEAST_SLICE, sliceMs - othersMs));
    let worked = this.#takeFetched();
    const { all } = tasks;
    for (let turn = 0; turn < all.length; turn++) {
      const active = all[(this.#first + turn) % all.length] as ActiveTask;
      if (active.state === 'RUNNING' && !active.task.durability.mustWait && this.#work(active)) worked = true;
      if (this.#shouldStop()) {
        this.#first = (this.#first + turn + 1) % all.length;
        break;
      }
    }
    if (worked) counters.processingMs += this.#nowMs() - started;
    return worked;
  }

  #work(active: ActiveTask): boolean {
    const { task } = active;
    const { counters } = this.#options;
    const processed = this.#process(active);
    const called = task.punctuate();
    if (processed > 0) {
      counters.processedRecords += processed;
      this.#resumeInputs(active);
    }
    counters.punctuations += called;
    if (active.updateProgress()) this.#options.onCaughtUp(active);
    const { pending } = task;
    if (pending !== undefined && !this.#awaited.has(pending)) this.#wakeAfter(pending);
    return processed > 0 || called > 0;
  }

  /** As many records as its last ones say that the slice has time for. */
  #process(active: ActiveTask): number {
    let meter = this.#meters.get(active);
    if (meter === undefined) {
      meter = { pace: new TaskPace(), latency: new EndToEndLatency() };
      this.#meters.set(active, meter);
    }
    const started = this.#nowMs();
    const { recordTimes } = active.task;
    const processed = active.task.process(meter.pace.recordsIn(this.#sliceEnd - started), this.#shouldStop);
    if (processed > 0) meter.pace.note(processed, this.#nowMs() - started);
    if (recordTimes.count > 0) {
      const nowMs = this.#options.clock();
      meter.latency.note(recordTimes, nowMs);
      this.#options.counters.latency.record(nowMs - recordTimes.lastMs);
    }
    return processed;
  }

  /** A record waits for a codec: the other tasks go on, and this one goes on when the codec is there (or has failed). */
  #wakeAfter(pending: Promise<void>): void {
    this.#awaited.add(pending);
    pending.then(
      () => this.wake(),
      () => this.wake(),
    );
  }

  #takeFetched(): boolean {
    const { fetcher, tasks, counters, maxBufferedBytes } = this.#options;
    let buffered = 0;
    for (const { task } of tasks.all) buffered += task.bufferedBytes();
    this.#full = buffered >= maxBufferedBytes;
    if (this.#full) return false;
    const all = fetcher.poll(maxBufferedBytes - buffered);
    for (const fetched of all) {
      counters.consume(fetched.topic, fetched.records.length);
      const active = this.#options.taskOf(fetched);
      if (active === undefined) continue;
      active.task.addRecords(fetched);
      this.#pauseWhenFull(active, fetched.topic);
    }
    return all.length > 0;
  }

  #pauseWhenFull(active: ActiveTask, topic: string): void {
    if (active.paused.has(topic) || active.task.bufferedBytes(topic) < MAX_PARTITION_BYTES) return;
    active.paused.add(topic);
    this.#options.fetcher.pause([{ topic, partition: active.id.partition }]);
  }

  #resumeInputs(active: ActiveTask): void {
    for (const topic of active.paused) {
      if (active.task.bufferedBytes(topic) > MAX_PARTITION_BYTES / 2) continue;
      active.paused.delete(topic);
      this.#options.fetcher.resume([{ topic, partition: active.id.partition }]);
    }
  }

  async #sleep(): Promise<void> {
    const { tasks, committer, waits, clock, isPaused } = this.#options;
    let sleepMs = Math.min(MAX_IDLE_MS, waits.nextEndMs() - clock());
    for (const active of tasks.all) {
      if (active.state !== 'RUNNING') continue;
      // A punctuator that is due but may not run must not keep the loop awake.
      const isAtRest = isPaused() || active.task.durability.mustWait;
      if (!isAtRest) sleepMs = Math.min(sleepMs, active.task.nextPunctuationMs() - clock());
      if (active.commitNeeded) sleepMs = Math.min(sleepMs, committer.dueInMs());
    }
    await this.#sleepFor(Math.max(1, Math.ceil(sleepMs)), this.#idle.signal);
    if (this.#idle.signal.aborted) this.#idle = new AbortController();
  }

  async #sleepFor(sleepMs: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    // What has been fetched must not wake a loop that does not take it.
    if (this.#full || this.#options.isPaused()) await setTimeout(sleepMs, undefined, { signal }).catch(() => {});
    else await this.#options.fetcher.waitForData(sleepMs, signal);
  }
}
