import type { FetchedRecords } from '../../src/kafka/types.ts';
import { ActiveTask } from '../../src/runtime/active-task.ts';
import { KafkaRecordCollector } from '../../src/runtime/kafka-record-collector.ts';
import { StreamThread } from '../../src/runtime/stream-thread.ts';
import { StreamsCounters } from '../../src/runtime/streams-metrics.ts';
import { asStreamTask, FakeTask } from './runtime-fakes.ts';

/** What a fetch brought. */
export const batch = (partition: number, offset: number, count: number, bytes = 100): FetchedRecords => ({
  topic: 'beats',
  partition,
  offset,
  nextOffset: offset + count,
  records: Buffer.alloc(bytes),
  highWatermark: offset + count,
  lastStableOffset: offset + count,
  logStartOffset: 0,
  abortedTransactions: [],
});

/** A loop over tasks 0_0 and 0_1, fed by the test. */
export class Scene {
  readonly fakes = [new FakeTask('beats', 0), new FakeTask('beats', 1)] as const;
  readonly tasks: ActiveTask[];
  readonly arrived: FetchedRecords[] = [];
  readonly log: string[] = [];
  /** For how long the loop meant to sleep. */
  readonly sleepsMs: number[] = [];
  readonly errors: unknown[] = [];
  readonly counters = new StreamsCounters();
  readonly collector = new KafkaRecordCollector({ append: () => true }, new Map(), false);
  now = 1_000;
  /** What slices are measured with; it stands still unless a test moves it. */
  monotonicMs = 0;
  /** Of each turn of the loop so far. */
  readonly sliceMs: number[] = [];
  private turnStartedMs = 0;
  paused = false;
  drain: () => void = () => {};
  private notify: () => void = () => {};
  readonly thread: StreamThread;

  constructor({
    maxBufferedBytes = 1e9,
    ends = new Map<string, number>(),
    virtualTime = false,
    sliceMs = 1,
    isHandingOver = false,
  } = {}) {
    this.tasks = this.fakes.map((fake) => {
      fake.clock = () => this.now;
      const active = new ActiveTask({ subtopology: 0, partition: fake.partition }, asStreamTask(fake), fake.inputs);
      active.run(new Map([['beats', 0]]), ends);
      return active;
    });
    this.thread = new StreamThread({
      waits: { nextEndMs: () => Infinity },
      isPaused: () => this.paused,
      fetcher: {
        poll: () => {
          this.sliceMs.push(this.monotonicMs - this.turnStartedMs);
          this.turnStartedMs = this.monotonicMs;
          return this.arrived.splice(0);
        },
        waitForData: (timeoutMs: number, signal: AbortSignal) =>
          new Promise<boolean>((resolve) => {
            this.sleepsMs.push(timeoutMs);
            if (this.arrived.length > 0) return resolve(true);
            const timer = setTimeout(() => resolve(false), timeoutMs);
            const done = (): void => {
              clearTimeout(timer);
              resolve(true);
            };
            signal.addEventListener('abort', done);
            this.notify = done;
          }),
        pause: () => this.log.push('pause'),
        resume: () => this.log.push('resume'),
      } as never,
      producer: {
        drained: () =>
          new Promise((resolve) => {
            this.log.push('wait for the producer');
            this.drain = resolve;
          }),
      },
      collector: this.collector,
      tasks: { all: this.tasks, get: ({ partition }) => this.tasks[partition] },
      taskOf: ({ partition }) => this.tasks[partition],
      committer: {
        commitWhenDue: () => this.log.push('commit'),
        dueInMs: () => 1_000,
        isHandingOver,
      } as never,
      clock: () => this.now,
      monotonicMs: virtualTime ? () => this.monotonicMs : undefined,
      sliceMs,
      maxBufferedBytes,
      onCaughtUp: ({ name }) => this.log.push(`${name} caught up`),
      onError: (error) => this.errors.push(error),
      counters: this.counters,
    });
    this.thread.start();
  }

  feed(...records: FetchedRecords[]): void {
    this.arrived.push(...records);
    this.notify();
  }
}
